#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "gateway/cli/cli.h"
#include "gateway/cli/confirm.h"
#include "gateway/cli/credential_options.h"
#include "gateway/cli/run_operation.h"

namespace gateway::cli {
namespace {

struct ChangeOptions {
  std::string credential;
  std::string account;
  std::string name;
  std::optional<std::uint64_t> revision;
  std::string reason;
  bool yes = false;
  bool now = false;
  FieldOptions fields;
};

nlohmann::json body_of(const ChangeOptions& options) {
  nlohmann::json body = {{"credential", options.credential}};
  if (options.revision) body["revision"] = *options.revision;
  if (!options.reason.empty()) body["reason"] = options.reason;
  if (options.now) body["now"] = true;
  return body;
}

// `done`: what is said of it. `always`: it is done even to what stays as it was.
void change(const Context& context, const ChangeOptions& options, const char* operation,
            const char* done, nlohmann::json body, bool always) {
  const auto result = ask(context, operation, options.account, std::move(body));
  print_warnings(result);
  if (context.json) return print_json(result);
  std::cout << result.at("id").get<std::string>() << " \"" << result.at("name").get<std::string>()
            << "\" " << (always || result.at("changed").get<bool>() ? done : "unchanged")
            << "; revision " << result.at("revision") << '\n';
}

void update(const Context& context, const ChangeOptions& options) {
  nlohmann::json fields = options.fields.members();
  if (!options.name.empty()) fields["name"] = options.name;
  if (fields.empty()) {
    throw OperationError(Code::usage, "no change was given; see: credgate update --help");
  }
  nlohmann::json body = body_of(options);
  body["set"] = std::move(fields);
  change(context, options, "update",
         options.now ? "updated; its live connections are closed" : "updated for new connections",
         std::move(body), options.now);
}

Command add_change(App& app, const char* name, const char* help, ChangeOptions& options) {
  Command command = app.add(name, help);
  command.word("CREDENTIAL", "id or name of the credential", options.credential);
  add_account(command, options.account);
  command.number(
      "--revision", "N",
      "only if the credential is still at this revision (see show); otherwise exit code 4",
      options.revision);
  return command;
}

// A change of nothing but the status, or of nothing at all.
Command add_simple(App& app, const Context& context, const char* name, const char* help,
                   const char* done, const std::shared_ptr<ChangeOptions>& options) {
  Command command = add_change(app, name, help, *options);
  command.text("--reason", "TEXT", "the reason, for the journal", options->reason);
  const bool always = std::string_view{name} == "kick";
  command.run([&context, options, name, done, always] {
    change(context, *options, name, done, body_of(*options), always);
  });
  return command;
}

}  // namespace

void add_update(App& app, const Context& context) {
  const auto options = std::make_shared<ChangeOptions>();
  Command command = add_change(app, "update", "Change a credential, for new connections", *options);
  command.text("--name", "NAME", "a new name", options->name);
  command.flag(
      "--now",
      "also close its live connections, so that clients reconnect with the new permissions",
      options->now);
  options->fields.add(command, FieldOptions::Use::updating);
  command.footer(
      "A list replaces the previous one; an empty list clears it.\n"
      "Examples:\n"
      "  credgate update shop --no-publish\n"
      "  credgate update shop --subjects 'orders.eu.>' --expires 30d\n"
      "  credgate update sensor --sources ''");
  command.run([&context, options] { update(context, *options); });
}

void add_status_changes(App& app, const Context& context) {
  add_simple(app, context, "suspend",
             "Refuse a credential until it is resumed, and close its "
             "live connections",
             "suspended", std::make_shared<ChangeOptions>());
  add_simple(app, context, "resume", "Let a suspended credential in again", "resumed",
             std::make_shared<ChangeOptions>());
  add_simple(app, context, "kick", "Close a credential's live connections", "kicked",
             std::make_shared<ChangeOptions>())
      .footer(
          "The running daemon closes the connections, over the system account. The clients may "
          "reconnect\n"
          "at once; to keep them out, use: credgate suspend.");

  const auto revoked = std::make_shared<ChangeOptions>();
  Command command = add_change(
      app, "revoke", "Revoke a credential permanently, and close its live connections", *revoked);
  command.text("--reason", "TEXT", "the reason, for the record and the journal", revoked->reason);
  command.flag("-y,--yes", "do not ask for confirmation", revoked->yes);
  command.footer(
      "A revoked credential cannot be restored. Its name may be used again.\n"
      "Example:\n"
      "  credgate revoke shop --reason 'left the company' --yes");
  command.run([&context, revoked] {
    if (!revoked->yes) confirm("revoking " + revoked->credential);
    change(context, *revoked, "revoke", "revoked", body_of(*revoked), false);
  });
}

}  // namespace gateway::cli
