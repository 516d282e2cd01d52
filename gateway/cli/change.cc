#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <unistd.h>

#include "auth/credential_json.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/fields.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using auth::Status;
using store::Action;

struct ChangeOptions {
  std::string credential;
  std::string name;
  std::optional<std::uint64_t> revision;
  std::string reason;
  bool yes = false;
  bool now = false;
  FieldOptions fields;
};

void print(const Context& context, const store::Changed& changed, bool did,
           const std::string& done) {
  if (context.json) {
    auto json = auth::write_json(changed.credential);
    json["changed"] = changed.changed;
    return print_json(json);
  }
  const Credential& c = changed.credential;
  std::cout << c.id << " \"" << c.name << "\" " << (did ? done : "was so already") << "; revision "
            << c.revision << '\n';
}

void change(const Context& context, const ChangeOptions& options, Action action, const char* done,
            const store::Store::Edit& edit) {
  Local local{context};
  const auto checked = [&](Credential& c) {
    edit(c);
    if (action == Action::update) check_permissions(local.config(), c);
  };
  store::Intent intent = local.intent(action);
  intent.revision = options.revision;
  intent.reason = options.reason;
  intent.now = options.now;
  const auto changed = local.store().change(local.resolve(options.credential), intent, checked);
  if (!changed) fail(changed.error());
  print(context, *changed, changed->changed || options.now || action == Action::kick, done);
  const bool closes = options.now || action == Action::kick || action == Action::suspend ||
                      action == Action::revoke;
  if (closes && !local.config().has_system) {
    std::cerr << "warning: only new connections are affected: without `system` in the "
                 "configuration none can be closed; --session-ttl bounds them\n";
  }
}

void update(const Context& context, const ChangeOptions& options) {
  if (options.fields.empty() && options.name.empty()) {
    throw Failure(Code::usage, "nothing to change was given; see: credgate update --help");
  }
  change(context, options, Action::update,
         options.now ? "updated, and its live connections are closed"
                     : "updated, for the connections that follow",
         [&](Credential& c) {
           if (!options.name.empty()) c.name = options.name;
           options.fields.apply(c);
         });
}

// Asked before the store is opened: no transaction may wait for a person.
void confirm(const ChangeOptions& options) {
  if (options.yes) return;
  if (isatty(STDIN_FILENO) != 1) {
    throw Failure(Code::usage,
                  "revoking can't be undone; say so with --yes, as nobody is here to ask");
  }
  std::cerr << "Revoking " << options.credential << " can't be undone. Type yes to go on: ";
  std::string answer;
  if (!std::getline(std::cin, answer) || answer != "yes") {
    throw Failure(Code::refused, "nothing was changed");
  }
}

void revoke(const Context& context, const ChangeOptions& options) {
  confirm(options);
  change(context, options, Action::revoke, "revoked",
         [](Credential& c) { c.status = Status::revoked; });
}

Command add_change(App& app, const char* name, const char* help, ChangeOptions& options) {
  Command command = app.add(name, help);
  command.word("CREDENTIAL", "its id or its name", options.credential);
  command.number("--revision", "N",
                 "only if it is still at this revision (see show); else exit code 4",
                 options.revision);
  return command;
}

}  // namespace

void add_update(App& app, const Context& context) {
  const auto options = std::make_shared<ChangeOptions>();
  Command command =
      add_change(app, "update", "Change a credential, for the connections that follow", *options);
  command.text("--name", "NAME", "another label", options->name);
  command.flag("--now",
               "close its live connections too, so that they come back with what holds now",
               options->now);
  options->fields.add(command, FieldOptions::Use::updating);
  command.footer(
      "A list that is given replaces the old one; an empty one clears it.\n"
      "Examples:\n"
      "  credgate update shop --no-publish\n"
      "  credgate update shop --subjects 'orders.eu.>' --expires 30d\n"
      "  credgate update sensor --sources ''");
  command.run([&context, options] { update(context, *options); });
}

void add_status_changes(App& app, const Context& context) {
  const auto suspended = std::make_shared<ChangeOptions>();
  Command suspend =
      add_change(app, "suspend", "Refuse a credential until it is resumed", *suspended);
  suspend.text("--reason", "TEXT", "why, for the journal", suspended->reason);
  suspend.run([&context, suspended] {
    change(context, *suspended, Action::suspend, "suspended",
           [](Credential& c) { c.status = Status::suspended; });
  });

  const auto resumed = std::make_shared<ChangeOptions>();
  Command resume = add_change(app, "resume", "Let a suspended credential in again", *resumed);
  resume.run([&context, resumed] {
    change(context, *resumed, Action::resume, "resumed",
           [](Credential& c) { c.status = Status::active; });
  });

  const auto kicked = std::make_shared<ChangeOptions>();
  Command kick = add_change(app, "kick", "Close a credential's live connections", *kicked);
  kick.text("--reason", "TEXT", "why, for the journal", kicked->reason);
  kick.footer(
      "Its clients may connect again at once. The running daemon closes them, over the system\n"
      "account; to keep them out: credgate suspend.");
  kick.run(
      [&context, kicked] { change(context, *kicked, Action::kick, "kicked", [](Credential&) {}); });

  const auto revoked = std::make_shared<ChangeOptions>();
  Command command = add_change(app, "revoke", "Refuse a credential for ever", *revoked);
  command.text("--reason", "TEXT", "why, for the record and the journal", revoked->reason);
  command.flag("-y,--yes", "do not ask", revoked->yes);
  command.footer(
      "What was revoked is denied at its next connection, never comes back, and its name is free "
      "again.\n"
      "Example:\n  credgate revoke shop --reason 'left the company' --yes");
  command.run([&context, revoked] { revoke(context, *revoked); });
}

}  // namespace gateway::cli
