#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "gateway/cli/cli.h"
#include "gateway/cli/closing.h"
#include "gateway/cli/confirm.h"
#include "gateway/cli/credential_options.h"
#include "gateway/cli/role_options.h"
#include "gateway/cli/run_operation.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ChangeOptions {
  std::string credential;
  std::string account;
  std::string name;
  std::optional<std::uint64_t> revision;
  std::string reason;
  bool yes = false;
  bool now = false;
  FieldOptions fields;
  RoleOptions roles;
};

nlohmann::json body_of(const ChangeOptions& options) {
  nlohmann::json body = {{"credential", options.credential}};
  if (options.revision) body["revision"] = *options.revision;
  if (!options.reason.empty()) body["reason"] = options.reason;
  if (options.now) body["now"] = true;
  return body;
}

// What a change does to sessions.
enum class Closes : std::uint8_t {
  nothing,
  too,       // once it is made, whatever becomes of them
  required,  // it was asked for that they are closed
};

std::string outcome(const Json& result, const std::string& operation, const char* done,
                    const std::optional<ClosingWords>& closing) {
  const bool kick = operation == "kick";
  std::string text = result.at("changed").get<bool>() || kick ? done : "unchanged";
  if (!closing) return text;
  if (kick && !closing->done()) text = closing->closed().empty() ? "not kicked" : "kicked in part";
  if (!kick && !closing->done() && text == done) text += " for new connections";
  if (!closing->closed().empty()) text += "; " + closing->closed();
  return text;
}

// `done`: what is said of it.
void report(const Context& context, const Json& result, const std::string& operation,
            const char* done, Closes closes) {
  print_warnings(context, result);
  std::optional<ClosingWords> closing;
  if (closes != Closes::nothing) closing.emplace(result);
  if (context.json) print_json(result);
  if (!context.json) {
    std::cout << text_at(result, "id") << " \"" << text_at(result, "name") << "\" "
              << outcome(result, operation, done, closing) << "; revision " << result.at("revision")
              << '\n';
  }
  if (closing) report_unclosed(*closing, closes == Closes::required);
}

void change(const Context& context, const ChangeOptions& options, const std::string& operation,
            const char* done, Closes closes) {
  report(context, ask(context, operation, options.account, body_of(options)), operation, done,
         closes);
}

void update(const Context& context, const ChangeOptions& options) {
  nlohmann::json fields = options.fields.members();
  if (!options.name.empty()) fields["name"] = options.name;
  if (fields.empty() && !options.roles.given()) {
    throw OperationError(Code::usage, "no change was given; see: credgate update --help");
  }
  nlohmann::json body = body_of(options);
  body["set"] = std::move(fields);
  const Json result = options.roles.given()
                          ? options.roles.update(context, options.account, std::move(body))
                          : ask(context, "update", options.account, std::move(body));
  report(context, result, "update", options.now ? "updated" : "updated for new connections",
         options.now ? Closes::required : Closes::nothing);
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
                   const char* done, Closes closes) {
  const auto options = std::make_shared<ChangeOptions>();
  Command command = add_change(app, name, help, *options);
  command.text("--reason", "TEXT", "the reason, for the journal", options->reason);
  command.run(
      [&context, options, name, done, closes] { change(context, *options, name, done, closes); });
  return command;
}

// How many it has on the servers, or why nobody can tell.
std::string open_sessions(const Context& context, const ChangeOptions& options) {
  try {
    const Json found =
        ask(context, "sessions", options.account, {{"credential", options.credential}});
    const bool whole = found.value("incomplete", Json::array()).empty();
    return std::to_string(found.at("sessions").size()) + (whole ? "" : " or more");
  } catch (const std::exception& fault) {
    return std::string("not known: ") + fault.what();
  }
}

// What whoever is about to revoke it must see: it may not be the one that was meant. Gives its id:
// what was shown is what is revoked.
std::string show(const Context& context, const ChangeOptions& options) {
  // First, as it needs keys that root alone may read.
  const std::string sessions = open_sessions(context, options);
  const Json c = ask(context, "get", options.account, {{"credential", options.credential}});
  const bool used = c.at("last_used_at").is_string();
  std::cerr << text_at(c, "id") << " \"" << text_at(c, "name") << "\" in account "
            << text_at(c, "account") << "\n  status         " << text_at(c, "status")
            << "\n  last use       "
            << (used ? text_at(c, "last_used_at") + " from " + text_at(c, "last_used_from")
                     : "never")
            << "\n  open sessions  " << sessions << '\n';
  return text_at(c, "id");
}

}  // namespace

void add_update(App& app, const Context& context) {
  const auto options = std::make_shared<ChangeOptions>();
  Command command = add_change(app, "update", "Change a credential, for new connections", *options);
  command.text("--name", "NAME", "a new name", options->name);
  command.text("--reason", "TEXT", "the reason, for the journal", options->reason);
  command.flag(
      "--now",
      "also close its live connections, so that clients reconnect with the new permissions",
      options->now);
  options->fields.add(command, FieldOptions::Use::updating);
  options->roles.add(command);
  command.footer(
      "A list replaces the previous one; an empty list clears it. --role adds to the roles "
      "that it has. Exit code 6: --now did not "
      "close\n"
      "all connections.\n"
      "Examples:\n"
      "  credgate update shop --no-publish\n"
      "  credgate update shop --subjects 'orders.eu.>' --expires 30d\n"
      "  credgate update sensor --sources ''\n"
      "  credgate update sensor --role device");
  command.run([&context, options] { update(context, *options); });
}

void add_status_changes(App& app, const Context& context) {
  add_simple(app, context, "suspend",
             "Refuse a credential until it is resumed, and close its "
             "live connections",
             "suspended", Closes::too)
      .footer("Example:\n  credgate suspend shop --reason 'unpaid'");
  add_simple(app, context, "resume", "Let a suspended credential in again", "resumed",
             Closes::nothing)
      .footer("Example:\n  credgate resume shop");
  add_simple(app, context, "kick", "Close a credential's live connections", "kicked",
             Closes::required)
      .footer(
          "The running daemon closes the connections, over the system account. The clients may "
          "reconnect at once; to keep them out, use: credgate suspend.\n"
          "Exit code 6: not all of them were closed.\n"
          "Example:\n"
          "  credgate kick shop --reason 'new permissions'");

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
    ChangeOptions asked = *revoked;
    if (!asked.yes)
      confirm("revoking " + asked.credential, [&] { asked.credential = show(context, asked); });
    change(context, asked, "revoke", "revoked", Closes::too);
  });
}

}  // namespace gateway::cli
