#include "gateway/cli/run_operation.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include <sys/stat.h>

#include "auth/base/typo.h"
#include "gateway/admin/operations/operations.h"
#include "gateway/cli/closing.h"
#include "gateway/cli/error_words.h"
#include "gateway/cli/files.h"
#include "gateway/cli/remote.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/privileges.h"

namespace gateway::cli {
namespace {

// What root alone can read is read before the store is opened.
bool needs_keys(std::string_view operation, const nlohmann::json& body) {
  if (operation == "create") return body["credential"].value("kind", "") == "creds";
  return operation == "rotate" || operation == "sessions";
}

// What closes sessions may have to ask the servers for them. Without that it works all the same.
bool wants_keys(std::string_view operation, const nlohmann::json& body) {
  constexpr std::array<std::string_view, 3> kClosing = {"suspend", "revoke", "kick"};
  return body.value("now", false) || std::ranges::find(kClosing, operation) != kClosing.end();
}

std::shared_ptr<Local> make_local(const Context& context, std::string_view operation,
                                  const nlohmann::json& body) {
  if (needs_keys(operation, body)) return std::make_shared<Local>(context, /*with_keys=*/true);
  try {
    if (wants_keys(operation, body)) return std::make_shared<Local>(context, /*with_keys=*/true);
  } catch (const auth::ConfigError&) {
    // So it says below, where it matters.
  }
  return std::make_shared<Local>(context);
}

Local& open_local(const Context& context, std::string_view operation, const nlohmann::json& body) {
  if (!context.local) {
    context.local = make_local(context, operation, body);
    const auto& back = context.local->store().went_back();
    if (back) warn(context, *back);
  }
  return *context.local;
}

bool only_reads(std::string_view operation) {
  constexpr std::array<std::string_view, 7> kReading = {
      "get", "list", "get_role", "list_roles", "sessions", "history", "explain"};
  return std::ranges::find(kReading, operation) != kReading.end();
}

bool is_list(std::string_view operation) {
  return operation == "list" || operation == "list_roles" || operation == "history";
}

nlohmann::ordered_json ask_anywhere(const Context& context, std::string_view operation,
                                    const std::string& account, nlohmann::json body) {
  if (context.remote.given()) {
    return reach(context).ask(operation, account, std::move(body));
  }
  Local& local = open_local(context, operation, body);
  std::optional<ClosingRequest> closing;
  const OperationContext here{.config = local.config(),
                              .master = local.keys(),
                              .keys = local.all_keys(),
                              .store = local.store(),
                              .closing = &closing,
                              .actor = local.actor(),
                              .account = account.empty() ? std::nullopt : std::optional{account},
                              .now = now_in_seconds()};
  const bool reading = only_reads(operation);
  if (!reading) local.require_changeable();
  auto result = perform(here, operation, std::move(body));
  if (!reading) local.note_head();
  if (closing) result["closing"] = await_closing(local, *closing);
  return result;
}

// What was asked for by name: "credential" or "role".
struct Named {
  std::string what;
  std::string name;
};

Named named_in(const nlohmann::json& body) {
  for (const char* what : {"credential", "role"}) {
    const auto at = body.find(what);
    if (at != body.end() && at->is_string()) return {what, at->get<std::string>()};
  }
  return {};
}

// A name that is like the one that nobody has. A large store is not searched to its end.
std::string similar_name(const Context& context, const std::string& account, const Named& named) {
  constexpr int kPages = 20;
  const bool role = named.what == "role";
  nlohmann::json body = {{"limit", std::uint64_t{1000}}};
  for (int page = 0; page < kPages; ++page) {
    const auto found = ask_anywhere(context, role ? "list_roles" : "list", account, body);
    std::vector<std::string> names;
    for (const auto& one : found.at(named.what + "s")) {
      if (one.value("status", "") != "revoked") names.push_back(text_at(one, "name"));
    }
    if (const std::string meant = auth::did_you_mean(named.name, names); !meant.empty())
      return meant;
    body["after"] = found.at("after");
    if (body["after"] == "") break;
  }
  return "";
}

// Those of this side, to those of the gateway. A list has no place for them.
void add_warnings(const Context& context, nlohmann::ordered_json& result) {
  for (std::string& warning : context.warnings)
    result["warnings"].push_back(std::move(warning));
  context.warnings.clear();
}

std::string hint(const Context& context, const std::string& account, const Named& named) {
  try {
    return similar_name(context, account, named);
  } catch (const std::exception&) {
    return "";  // who may not list still learns that it is not there
  }
}

}  // namespace

// A command that goes on may outlive a connection; what was asked is not asked twice.
Remote& reach(const Context& context) {
  if (!context.far || !context.far->up()) context.far = std::make_shared<Remote>(context.remote);
  return *context.far;
}

nlohmann::ordered_json look_up(const Context& context, const std::string& account,
                               const std::string& credential) {
  nlohmann::json body = {{"credential", credential}};
  if (context.remote.given()) return ask(context, "get", account, std::move(body));
  const Config config = load_config(context.config);
  const auth::MasterKeys keys = load_master_keys(config);
  struct stat directory{};
  if (stat(config.store.directory.c_str(), &directory) != 0) fail_at(config.store.directory);
  try {
    const ActingAs owner{{directory.st_uid, directory.st_gid}};
    store::Store store{config.store, keys};
    return perform({.config = config,
                    .master = keys,
                    .keys = nullptr,
                    .store = store,
                    .actor = local_actor(),
                    .account = account.empty() ? std::nullopt : std::optional{account},
                    .now = now_in_seconds()},
                   "get", body);
  } catch (const OperationError&) {
    return ask(context, "get", account, std::move(body));  // says it in this command's words
  }
}

nlohmann::ordered_json ask(const Context& context, std::string_view operation,
                           const std::string& account, nlohmann::json body) {
  const Named named = named_in(body);
  // First: what is wrong with the context file has no option.
  if (context.remote.given()) reach(context);
  try {
    auto result = ask_anywhere(context, operation, account, std::move(body));
    if (!is_list(operation)) add_warnings(context, result);
    return result;
  } catch (const OperationError& error) {
    if (error.code() == Code::not_found && !named.name.empty())
      throw OperationError(error.code(), error.what() + hint(context, account, named));
    if (error.code() != Code::usage) throw;
    throw OperationError(error.code(), in_option_words(operation, error.what()));
  }
}

std::string text_at(const nlohmann::ordered_json& object, const char* member) {
  const auto at = object.find(member);
  return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

void print_warnings(const Context& context, const nlohmann::ordered_json& result,
                    std::string_view said) {
  if (context.json || !result.contains("warnings")) return;
  for (const auto& warning : result.at("warnings")) {
    if (warning.get_ref<const std::string&>() != said)
      std::cerr << "warning: " << warning.get<std::string>() << '\n';
  }
}

void add_account(Command& command, std::string& into) {
  command.text("--account", "ACCOUNT", "only look in this account", into);
}

void add_remote(Command& command, RemoteOptions& options) {
  command.group("Run the command over NATS on a remote gateway, as one of its admins");
  command.text("--server", "URL",
               "the server's address: nats://host:4222, or several with commas between them",
               options.server);
  command.text("--context", "FILE",
               "a context file of the nats CLI, which replaces the other options",
               options.context_file);
  command.text("--user", "USER", "id of the admin credential, with --user-password-file",
               options.user);
  command.text("--user-password-file", "FILE",
               "file with the password on one line; - for standard input", options.password_file);
  command.text("--creds", "FILE", "credentials file of the admin (.creds)", options.creds);
  command.text("--nkey", "FILE", "seed file of the admin", options.nkey);
  command.text("--inbox-prefix", "PREFIX",
               "inbox prefix of the admin, _CG.<id> (default: from --user)", options.inbox_prefix);
  command.text("--tlsca", "FILE", "CA certificates to verify the server, in PEM", options.tlsca);
  command.text("--tlscert", "FILE",
               "client certificate for a server that asks for one, in PEM; with --tlskey",
               options.tlscert);
  command.text("--tlskey", "FILE", "private key of --tlscert, in PEM", options.tlskey);
}

bool works_remotely(std::string_view command) {
  constexpr std::array<std::string_view, 13> kRemote = {
      "create", "list", "show",     "update", "suspend", "resume", "revoke",
      "rotate", "role", "sessions", "kick",   "history", "explain"};
  return std::ranges::find(kRemote, command) != kRemote.end();
}

}  // namespace gateway::cli
