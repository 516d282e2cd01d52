#include "gateway/cli/output/context_output.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "auth/base/json.h"
#include "auth/nats/subject.h"
#include "gateway/cli/output/context_servers.h"
#include "gateway/cli/run_operation.h"
#include "gateway/config/server_urls.h"

namespace gateway::cli {
namespace {

namespace fs = std::filesystem;
using auth::Kind;

constexpr const char* kOption = "--context-out";

[[noreturn]] void refuse(const std::string& why) {
  throw OperationError(Code::usage, std::string(kOption) + ": " + why);
}

// What no context can hold, before anything is made.
void check_fits(Kind kind, const nlohmann::json& credential, const nlohmann::json& proof) {
  if (credential.value("sigv4", false)) {
    refuse("a credential that signs requests (--sigv4) is for AWS clients, which read no context");
  }
  if (kind == Kind::cert) {
    refuse(
        "kind cert logs in with a private key that credgate does not have; write a context "
        "with the paths of its certificate and key as `cert` and `key`");
  }
  if (kind == Kind::nkey && proof.contains("public_key")) {
    refuse(
        "the seed of --public-key is the client's own; write a context with the path of its "
        "seed as `nkey`");
  }
  const auth::Json& types = auth::member(credential, "connection_types");
  const std::string_view needed = name(auth::ConnectionType::standard);
  if (types.is_array() && !types.empty() && std::ranges::find(types, needed) == types.end()) {
    refuse("--connection-types does not list " + std::string(needed) +
           ", which the nats CLI connects as");
  }
}

void warn_of_reach(const Context& context, const std::vector<std::string>& urls,
                   const ContextServers& servers) {
  if (lead_to_this_machine(urls)) {
    warn(context, std::string(kOption) + ": " + urls_to_reach(urls, servers.tls) +
                      " leads to the machine that it is used on; for clients elsewhere give "
                      "--context-url");
  }
  if (servers.asks_for_certificates) {
    warn(context, std::string(kOption) +
                      ": nats-server may ask clients for a certificate; then add the paths of the "
                      "client's certificate and key as `cert` and `key`");
  }
}

std::vector<std::string> given_urls(const std::string& text) {
  const auto urls = read_server_urls(text);
  if (!urls) throw OperationError(Code::usage, "--context-url: " + urls.error());
  return *urls;
}

// "shop.nk" beside "shop.json", as an absolute path: the nats CLI would look for another from where
// it runs.
std::string beside(const std::string& file, const char* extension) {
  return fs::absolute(file).replace_extension(extension).string();
}

// The user name of a password: that of the request, or the present one, or the name.
std::string login_in(const nlohmann::json& credential, const nlohmann::json& proof) {
  const std::string given = auth::string_at(proof, "login");
  if (!given.empty()) return given;
  const auth::Json& secrets = auth::member(credential, "secrets");
  const bool has_secrets = secrets.is_array() && !secrets.empty();
  return has_secrets ? auth::string_at(secrets.back(), "login")
                     : auth::string_at(credential, "name");
}

bool same(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() &&
         fs::absolute(a).lexically_normal() == fs::absolute(b).lexically_normal();
}

// Each file has a name of its own, and the context can hold all that goes into it.
void check_names(Kind kind, const std::string& file, const std::string& out,
                 const NatsContext& start) {
  if (!auth::printable(file)) refuse("the name of the file must be printable UTF-8");
  const std::string& other = start.nkey.empty() ? start.creds : start.nkey;
  if (same(out, file) || (kind != Kind::creds && same(out, other))) {
    refuse("--out must name another file than the context and the one beside it");
  }
  if (same(other, file)) {
    refuse(file + " would also be the name of the file beside it; use another suffix, as .json");
  }
  if (const std::string wrong = wrong_in(start); !wrong.empty()) {
    refuse("the context cannot hold this: " + wrong);
  }
}

std::unique_ptr<SecretFile> create(const std::string& file) {
  return std::make_unique<SecretFile>(file, kOption);
}

bool in_operator_mode(const nlohmann::ordered_json& made) {
  return text_at(made, "mode") == "operator";
}

void put(SecretFile& file, std::string_view text) {
  file.write(text);
  file.sync();
}

}  // namespace

void ContextOptions::add(Command& command) {
  command.text(
      "--context-out", "FILE",
      "write a context of the nats CLI to this new file (0600), not the secret to standard "
      "output; a seed, credentials and the sentinel go into files beside it",
      file);
  command.text(
      "--context-url", "URL",
      "with --context-out: where its clients reach nats-server, if not where credgate does", url);
}

ContextOutput::ContextOutput(Kind kind, std::string file, NatsContext context, bool makes_login,
                             auth::SecretText sentinel, std::string named_url)
    : kind_(kind),
      file_(std::move(file)),
      context_(std::move(context)),
      named_url_(std::move(named_url)),
      sentinel_(std::move(sentinel)),
      output_(create(file_)) {
  if (makes_login) login_output_ = create(kind == Kind::nkey ? context_.nkey : context_.creds);
  if (!sentinel_.view().empty()) sentinel_output_ = create(context_.creds);
}

std::string ContextOutput::written() const {
  std::string files = file_;
  if (login_output_) files += " and " + (kind_ == Kind::nkey ? context_.nkey : context_.creds);
  if (sentinel_output_) files += " and " + context_.creds;
  return files;
}

void ContextOutput::put_into(Login& login, Servers& servers) const {
  if (kind_ == Kind::nkey) login.file = context_.nkey;
  if (kind_ == Kind::creds) login.file = context_.creds;
  if (!named_url_.empty()) servers.url = named_url_;
  if (sentinel_output_) servers.sentinel = context_.creds;
}

std::vector<std::string> ContextOutput::warnings(const nlohmann::ordered_json& made) const {
  const std::string option = std::string(kOption) + ": ";
  const std::string old = "; before 2.11.2, make a credential of kind token or creds";
  if (!in_operator_mode(made)) {
    if (kind_ != Kind::creds) return {};
    return {option +
            "in configuration mode nats-server drops the user JWT of credentials, so it does not "
            "let the nats CLI in with this context; make a credential of kind nkey"};
  }
  if (kind_ == Kind::creds) return {};
  if (kind_ == Kind::nkey) {
    return {option +
            "beside an nkey a client can show no sentinel, so nats-server needs a "
            "default_sentinel" +
            old};
  }
  if (kind_ != Kind::token) {
    return {option +
            "the nats CLI ignores `creds` beside `user`, so nats-server needs a "
            "default_sentinel" +
            old};
  }
  if (sentinel_output_) return {};
  return {option + why_no_sentinel_ +
          ", so nats-server needs a default_sentinel, or the context the path of a sentinel as "
          "`creds`"};
}

void ContextOutput::write(const nlohmann::ordered_json& made) {
  const auto& credential = made.at("credential");
  if (sentinel_output_ && !in_operator_mode(made)) {
    sentinel_output_.reset();
    context_.creds.clear();
  }
  context_.description =
      "credgate: " + text_at(credential, "name") + " in account " + text_at(credential, "account");
  if (text_at(credential, "inbox") != name(auth::Inbox::shared))
    context_.inbox_prefix = text_at(made, "inbox_prefix");
  context_.token = text_at(made, "token");
  if (kind_ == Kind::key || kind_ == Kind::password) {
    context_.user = kind_ == Kind::key ? text_at(credential, "id") : text_at(made, "login");
    // One that the caller chose is not in the result.
    if (made.contains("secret")) context_.password = text_at(made, "secret");
  }
  try {
    if (login_output_) put(*login_output_, text_at(made, kind_ == Kind::nkey ? "seed" : "creds"));
    if (sentinel_output_) put(*sentinel_output_, sentinel_.view());
    put(*output_, write_nats_context(context_));
  } catch (...) {
    for (const auto* each : {&output_, &login_output_, &sentinel_output_}) {
      if (*each) (*each)->discard();
    }
    throw;
  }
}

std::unique_ptr<ContextOutput> make_context_output(const Context& context,
                                                   const ContextOptions& options,
                                                   const std::string& out,
                                                   const nlohmann::json& credential,
                                                   const nlohmann::json& body) {
  if (!options.given()) return nullptr;
  if (options.file.empty()) throw OperationError(Code::usage, "--context-url is for --context-out");
  const auto kind = auth::read_kind(auth::string_at(credential, "kind")).value_or(Kind::key);
  const auth::Json& proof = auth::member(body, "proof");
  check_fits(kind, credential, proof);
  const std::vector<std::string> named =
      options.url.empty() ? std::vector<std::string>{} : given_urls(options.url);
  ContextServers servers = context_servers(context);
  if (kind == Kind::creds && servers.configuration_mode) {
    refuse(
        "in configuration mode nats-server drops the user JWT of credentials, and of the nats "
        "CLI nothing is left to be known by; use --kind nkey");
  }
  const std::vector<std::string>& urls = named.empty() ? servers.urls : named;
  NatsContext start{.url = urls_to_reach(urls, servers.tls), .ca = servers.ca_file};
  auth::SecretText sentinel;
  if (kind == Kind::nkey) {
    start.nkey = beside(options.file, ".nk");
  } else if (kind == Kind::creds) {
    start.creds = out.empty() ? beside(options.file, ".creds") : fs::absolute(out).string();
  } else if (!servers.sentinel.view().empty()) {
    start.creds = beside(options.file, ".sentinel.creds");
    sentinel = std::move(servers.sentinel);
  }
  if (kind == Kind::password) {
    start.user = login_in(credential, proof);
    start.password = auth::string_at(proof, "password");
  }
  check_names(kind, options.file, out, start);
  warn_of_reach(context, urls, servers);
  auto made = std::make_unique<ContextOutput>(
      kind, options.file, std::move(start),
      kind == Kind::nkey || (kind == Kind::creds && out.empty()), std::move(sentinel),
      named.empty() ? "" : urls_to_reach({named.front()}, servers.tls));
  made->explain_no_sentinel(std::move(servers.why_no_sentinel));
  return made;
}

}  // namespace gateway::cli
