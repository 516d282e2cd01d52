#include "gateway/cli/output/context_output.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "auth/base/json.h"
#include "auth/nats/creds_file.h"
#include "gateway/cli/files.h"
#include "gateway/cli/remote.h"
#include "gateway/cli/run_operation.h"
#include "gateway/cli/setup/operator_setup.h"
#include "gateway/config/keys.h"
#include "gateway/config/server_urls.h"

namespace gateway::cli {
namespace {

namespace fs = std::filesystem;
using auth::Kind;

constexpr const char* kOption = "--context-out";

// How clients reach the servers of this gateway.
struct ServerAccess {
  std::vector<std::string> urls;
  bool tls = false;
  bool asks_for_certificates = false;
  std::string ca_file;
  bool configuration_mode = false;
  bool operator_mode = false;  // neither: not known
  auth::SecretText sentinel;   // a credentials file; empty: none is known
};

// The name is that of init, and any other file of that name is not one to hand out.
auth::SecretText own_sentinel(const Config& config) {
  try {
    NatsConfig named;
    named.creds = kSentinelFile;
    const NatsLogin login = load_login(config, named);
    const std::string key = write_public_key(login.key.public_key());
    if (std::ranges::find(config.sentinels, key) == config.sentinels.end()) return {};
    return auth::write_creds(login.user_jwt, login.key);
  } catch (const auth::ConfigError&) {
    return {};  // with default_sentinel nobody needs it
  }
}

ServerAccess own_servers(const Context& context) {
  const Config config = load_config(context.config);
  return {.urls = config.nats.urls,
          .tls = !config.nats.ca_file.empty() || !config.nats.cert_file.empty(),
          .asks_for_certificates = !config.nats.cert_file.empty(),
          .ca_file = config.nats.ca_file,
          .configuration_mode = !config.operator_mode,
          .operator_mode = config.operator_mode,
          .sentinel = config.operator_mode ? own_sentinel(config) : auth::SecretText{}};
}

// Those that the command itself is connected to.
ServerAccess servers_of(const Remote& remote) {
  const RemoteOptions& options = remote.options();
  ServerAccess servers{.urls = remote.servers(),
                       .tls = !options.tlsca.empty() || !options.tlscert.empty(),
                       .asks_for_certificates = !options.tlscert.empty(),
                       .ca_file = options.tlsca.empty() ? "" : fs::absolute(options.tlsca).string(),
                       .configuration_mode = false,
                       .operator_mode = remote.shows_sentinel(),
                       .sentinel = {}};
  if (!remote.shows_sentinel()) return servers;
  const auto text = read_text(options.creds);
  const auto creds = text ? auth::read_creds(*text) : std::nullopt;
  if (creds) servers.sentinel = auth::write_creds(creds->user_jwt, creds->key);
  return servers;
}

[[noreturn]] void refuse(const std::string& why) {
  throw OperationError(Code::usage, std::string(kOption) + ": " + why);
}

// What no context can hold, before anything is made.
void check_fits(Kind kind, bool sigv4, const nlohmann::json& proof) {
  if (sigv4) {
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
}

void warn_of_sentinel(const Context& context, Kind kind, const ServerAccess& servers) {
  const std::string old = "; before 2.11.2, make a credential of kind token or creds";
  if (!servers.operator_mode || kind == Kind::creds) return;
  if (kind == Kind::nkey) {
    warn(context, std::string(kOption) +
                      ": beside an nkey a client can show no sentinel, so nats-server needs a "
                      "default_sentinel" +
                      old);
  } else if (kind != Kind::token) {
    warn(context, std::string(kOption) +
                      ": the nats CLI ignores `creds` beside `user`, so nats-server needs a "
                      "default_sentinel" +
                      old);
  } else if (servers.sentinel.view().empty()) {
    warn(context, std::string(kOption) + ": " + kSentinelFile +
                      " is not in the directory of keys, so nats-server needs a default_sentinel, "
                      "or the context the path of a sentinel as `creds`");
  }
}

void warn_of_reach(const Context& context, const std::vector<std::string>& urls,
                   const ServerAccess& servers) {
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

std::unique_ptr<SecretFile> create(const std::string& file) {
  return std::make_unique<SecretFile>(file, kOption);
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

ContextOutput::ContextOutput(Kind kind, const std::string& file, NatsContext context,
                             const std::string& out, auth::SecretText sentinel,
                             std::string_view password)
    : kind_(kind),
      file_(file),
      context_(std::move(context)),
      password_(password),
      sentinel_(std::move(sentinel)),
      output_(create(file)) {
  if (kind == Kind::nkey) {
    context_.nkey = beside(file, ".nk");
    login_output_ = create(context_.nkey);
  } else if (kind == Kind::creds) {
    context_.creds = out.empty() ? beside(file, ".creds") : fs::absolute(out).string();
    if (out.empty()) login_output_ = create(context_.creds);
  } else if (!sentinel_.view().empty()) {
    context_.creds = beside(file, ".sentinel.creds");
    sentinel_output_ = create(context_.creds);
  }
}

std::string ContextOutput::written() const {
  std::string files = file_;
  if (login_output_) files += " and " + (kind_ == Kind::nkey ? context_.nkey : context_.creds);
  if (sentinel_output_) files += " and " + context_.creds;
  return files;
}

void ContextOutput::write(const nlohmann::ordered_json& made) {
  const auto& credential = made.at("credential");
  context_.description =
      "credgate: " + text_at(credential, "name") + " in account " + text_at(credential, "account");
  if (text_at(credential, "inbox") != name(auth::Inbox::shared))
    context_.inbox_prefix = text_at(made, "inbox_prefix");
  context_.token = text_at(made, "token");
  if (kind_ == Kind::key || kind_ == Kind::password) {
    context_.user = kind_ == Kind::key ? text_at(credential, "id") : text_at(made, "login");
    context_.password = text_at(made, "secret");
    if (context_.password.empty()) context_.password = password_.view();
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
  check_fits(kind, credential.value("sigv4", false), proof);
  const std::vector<std::string> named =
      options.url.empty() ? std::vector<std::string>{} : given_urls(options.url);
  ServerAccess servers = context.remote.given() ? servers_of(reach(context)) : own_servers(context);
  if (kind == Kind::creds && servers.configuration_mode) {
    refuse(
        "in configuration mode nats-server drops the user JWT of credentials, and of the nats "
        "CLI nothing is left to be known by; use --kind nkey");
  }
  const std::vector<std::string>& urls = named.empty() ? servers.urls : named;
  NatsContext start{.url = urls_to_reach(urls, servers.tls), .ca = servers.ca_file};
  warn_of_sentinel(context, kind, servers);
  warn_of_reach(context, urls, servers);
  return std::make_unique<ContextOutput>(
      kind, options.file, std::move(start), out,
      kind == Kind::nkey ? auth::SecretText{} : std::move(servers.sentinel),
      auth::string_at(proof, "password"));
}

}  // namespace gateway::cli
