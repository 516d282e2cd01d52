#include "gateway/cli/output/secret_output.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <optional>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/base/json.h"
#include "gateway/cli/output/connect_help.h"
#include "gateway/cli/output/context_output.h"
#include "gateway/cli/output/literals.h"
#include "gateway/cli/output/snippet.h"
#include "gateway/cli/remote.h"
#include "gateway/cli/run_operation.h"
#include "gateway/cli/setup/operator_setup.h"
#include "gateway/config/server_urls.h"

namespace gateway::cli {
namespace {

Servers servers_of(const Config& config) {
  return {.url = urls_to_reach({config.nats.urls.front()}, /*tls=*/false),
          .ca_file = config.nats.ca_file,
          .client_certificate = !config.nats.cert_file.empty(),
          .operator_mode = config.operator_mode,
          .sentinel = (config.keys_dir / kSentinelFile).string()};
}

Servers servers_of(const Context& context, const nlohmann::ordered_json& made) {
  if (context.far) {
    const RemoteOptions& given = context.far->options();
    return {.url = context.far->servers().front(),
            .ca_file = given.tlsca,
            .client_certificate = !given.tlscert.empty(),
            .operator_mode = text_at(made, "mode") == "operator",
            .sentinel = context.far->sentinel().view().empty() ? kSentinelFile : given.creds};
  }
  return servers_of(context.local->config());
}

void add_warning(const Context& context, nlohmann::ordered_json& made, const std::string& why) {
  if (context.json) {
    made["warnings"].push_back(why);
  } else {
    warn(context, why);
  }
}

// The member `snippet`, or a warning where the client cannot connect.
void add_program(const Context& context, const std::string& word, const Login& login,
                 const Servers& servers, nlohmann::ordered_json& made) {
  const auto client = client_named(word);
  if (!client) return;
  const std::string program = snippet(*client, login, servers);
  if (!program.empty()) {
    made["snippet"] = program;
    return;
  }
  add_warning(context, made,
              "--snippet " + word + ": none: " + client_lines(*client, login, servers).why_none);
}

std::string named_file(const char* option, std::string path) {
  if (path != "-") return path;
  throw OperationError(
      Code::usage, std::string(option) + " -: must be the path of a new file; ./- for one named -");
}

}  // namespace

SecretFile::SecretFile(std::string path, const char* option)
    : path_(named_file(option, std::move(path))),
      named_(std::string(option) + " " + path_),
      at_(file_at(path_)),
      fd_(create_file(at_, 0600)) {
  if (fd_) return;
  throw OperationError(errno == EEXIST ? Code::conflict : Code::fault,
                       named_ + ": " + std::strerror(errno));
}

SecretFile::~SecretFile() {
  if (kept_ || unlinkat(at_.directory.get(), at_.name.c_str(), 0) == 0) return;
  // Root made it, and then gave up its rights for the store's. What is in it is void.
  static_cast<void>(ftruncate(fd_.get(), 0) == 0);
  std::cerr << "note: " << named_ << " was left empty; remove it\n";
}

void SecretFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd_.get(), text.data(), text.size());
    if (n < 0) fail();
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  kept_ = true;
}

void SecretFile::sync() {
  if (fsync(fd_.get()) != 0) fail();
}

void SecretFile::fail() {
  kept_ = false;
  throw OperationError(Code::fault, named_ + ": " + std::strerror(errno) + "; the file is removed");
}

void add_snippet(Command& command, std::string& into) {
  std::vector<std::string> words;
  for (const ClientName& client : kClients)
    words.emplace_back(client.word);
  command.choice("--snippet", "CLIENT",
                 "print a program that connects, for one client: cli, js, go, python, c, java or "
                 "mqtt; with --out or --context-out, nothing else",
                 words, into);
}

bool has_escaped_password(const nlohmann::json& body) {
  const auto proof = body.find("proof");
  if (proof == body.end() || !proof->contains("password")) return false;
  return std::ranges::any_of(proof->at("password").get_ref<const std::string&>(), [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  });
}

void require_snippet(const Context& context, const std::string& program,
                     const nlohmann::ordered_json& credential, const nlohmann::json& body) {
  const auto client = client_named(program);
  if (!client || context.remote.given()) return;
  Login login = login_of({{"credential", credential}}, "");
  login.escaped_password = has_escaped_password(body);
  if (login.kind == auth::Kind::password && login.user.empty()) {
    const std::string given = auth::string_at(auth::member(body, "proof"), "login");
    login.user = given.empty() ? text_at(credential, "name") : given;
  }
  const ClientLines lines = client_lines(*client, login, servers_of(load_config(context.config)));
  if (!lines.statements.empty()) return;
  throw OperationError(Code::usage,
                       "--snippet " + program + ": none: " + lines.why_none + "; nothing was made");
}

namespace {

// Its files are removed again: an empty one looks like a secret that was lost.
void print_replayed(const Context& context, const nlohmann::ordered_json& credential,
                    const HandOver& how) {
  const std::string id = text_at(credential, "id");
  const std::string name = text_at(credential, "name");
  if (context.json) return print_json({{"id", id}, {"name", name}, {"replayed", true}});
  std::string files = how.file != nullptr ? how.path : "";
  if (how.client != nullptr) files += (files.empty() ? "" : " and ") + how.client->written();
  (how.only_program(context) ? std::cerr : std::cout)
      << id << " \"" << name
      << "\" was made before by a request with this id; its secret is not shown again, and "
      << files << (files.find(" and ") == files.npos ? " is" : " are") << " not written\n";
}

// `text`: for the file of --out.
void write_files(const HandOver& how, const nlohmann::ordered_json& made, std::string_view text) {
  try {
    if (how.file != nullptr) {
      how.file->write(text);
      how.file->sync();
    }
    if (how.client != nullptr) how.client->write(made);
  } catch (const OperationError& error) {
    const bool kept = how.file != nullptr && how.file->kept();
    throw OperationError(error.code(),
                         error.what() + (kept ? "; the secret is in " + how.path
                                              : "; the secret is lost: rotate the credential"));
  }
}

// `file`: where people may keep a credentials file.
void print_all(const nlohmann::ordered_json& made, const std::string& secret,
               const std::string& file, const std::string& lines) {
  std::cout << secret;
  const std::string creds = text_at(made, "creds");
  if (!creds.empty()) {
    std::cout << "\nThe credentials file, shown only this once; save it as " << file
              << ", mode 0600:\n\n"
              << creds;
  }
  std::cout << lines;
}

nlohmann::ordered_json without_secret(const nlohmann::ordered_json& made, const HandOver& how) {
  const auto& credential = made.at("credential");
  nlohmann::ordered_json json = {{"id", credential.at("id")}, {"name", credential.at("name")}};
  if (how.file != nullptr) json["out"] = how.path;
  if (how.client != nullptr) json["context_out"] = how.client->file();
  for (const char* member : {"snippet", "warnings", "closing"}) {
    if (made.contains(member)) json[member] = made.at(member);
  }
  return json;
}

}  // namespace

void hand_over(const Context& context, const std::string& done, nlohmann::ordered_json made,
               const HandOver& how) {
  const nlohmann::ordered_json credential = made.at("credential");
  const std::string id = text_at(credential, "id");
  const std::string name = text_at(credential, "name");
  if (how.writes_files() && made.value("replayed", false))
    return print_replayed(context, credential, how);
  const std::string file = how.path.empty() ? file_name(name, id) + ".creds" : how.path;
  Login login = login_of(made, file);
  login.password_file = how.password_file;
  login.escaped_password = how.escaped_password;
  Servers servers = servers_of(context, made);
  if (how.client != nullptr) {
    how.client->put_into(login, servers);
    for (const std::string& warning : how.client->warnings(made))
      add_warning(context, made, warning);
  }
  add_program(context, how.program, login, servers, made);
  const std::string what = done + " \"" + name + "\" (" + text_at(credential, "kind") +
                           ") in account " + text_at(credential, "account");
  const std::string secret = secret_text(what, made);
  if (!how.writes_files()) {
    if (context.json) return print_json(made);
    return print_all(made, secret, file,
                     connect_text(made, login, servers, client_named(how.program)));
  }
  const std::string lines = secret + connect_text(made, login, servers, {});
  const std::string creds = text_at(made, "creds");
  // A credentials file is for the client's library to read, and holds nothing else.
  write_files(how, made,
              !creds.empty() ? creds
              : context.json ? auth::write_line(made) + "\n"
                             : lines);
  if (context.json) return print_json(without_secret(made, how));
  const bool alone = how.only_program(context);
  std::ostream& told = alone ? std::cerr : std::cout;
  if (how.file != nullptr)
    told << id << " \"" << name << "\": its secret is in " << how.path << '\n';
  if (how.client != nullptr) {
    told << id << " \"" << name << "\": its context for the nats CLI is in "
         << how.client->written() << '\n';
  }
  if (alone) {
    std::cout << text_at(made, "snippet");
  } else if (how.file != nullptr && !creds.empty()) {
    std::cout << lines;
  }
}

}  // namespace gateway::cli
