#include <algorithm>
#include <initializer_list>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/cli/cli.h"
#include "gateway/cli/closing.h"
#include "gateway/cli/confirm.h"
#include "gateway/cli/output/record_text.h"
#include "gateway/cli/output/table.h"
#include "gateway/cli/output/time_words.h"
#include "gateway/cli/output/value_text.h"
#include "gateway/cli/rights_options.h"
#include "gateway/cli/run_operation.h"
#include "gateway/platform/clock.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

struct RoleWords {
  std::string action;
  std::string role;
  std::string account;
  std::optional<std::string> description;
  std::optional<std::uint64_t> revision;
  std::string reason;
  std::string request_id;
  bool now = false;
  bool yes = false;
  RightsOptions rights;
};

nlohmann::json fields_of(const RoleWords& words) {
  nlohmann::json fields = words.rights.members();
  if (words.description) fields["description"] = *words.description;
  return fields;
}

nlohmann::json body_of(const RoleWords& words) {
  nlohmann::json body = {{"role", words.role}};
  if (words.revision) body["revision"] = *words.revision;
  if (!words.reason.empty()) body["reason"] = words.reason;
  return body;
}

// ----------------------------------------------------------------------------------------- reading

std::string count_text(const Json& role) {
  return role.at("members").dump() + (role.value("members_more", false) ? " or more" : "");
}

void list_roles(const Context& context, const RoleWords& words) {
  Json roles = Json::array();
  std::string damaged;
  nlohmann::json body = {{"limit", std::uint64_t{1000}}};
  do {
    const Json page = ask(context, "list_roles", words.account, body);
    for (const Json& role : page.at("roles"))
      roles.push_back(role);
    for (const Json& id : page.at("damaged"))
      damaged += " " + id.get<std::string>();
    body["after"] = page.at("after");
  } while (body["after"] != "");
  if (context.json) print_json(roles);
  Table table{{{"NAME", Fit::whole},
               {"ACCOUNT"},
               {"MEMBERS", Fit::whole},
               {"CHANGED"},
               {"DESCRIPTION", Fit::wrap, true}}};
  for (const Json& role : roles) {
    const std::string description = text_at(role, "description");
    table.add({text_at(role, "name"), text_at(role, "account"), count_text(role),
               time_in_words(text_at(role, "updated_at"), now_in_seconds()),
               description.empty() ? "-" : description});
  }
  if (!context.json) std::cout << table.text();
  if (!context.json && roles.empty())
    std::cerr << "no roles; create one with: credgate role create, see --help\n";
  if (!damaged.empty()) {
    throw OperationError(Code::fault,
                         "these roles are damaged; whoever has them is denied, and they are not "
                         "listed:" +
                             damaged + "; restore the store from a backup");
  }
}

// "12; the first: CG…, CG…".
std::string members_text(const Json& role) {
  const Json& ids = role.at("member_ids");
  std::string text = count_text(role);
  if (!ids.empty())
    text += (role.at("members") > ids.size() ? "; the first: " : ": ") + value_text("", ids);
  return text;
}

void show_role(const Context& context, const RoleWords& words) {
  const Json role = ask(context, "get_role", words.account, body_of(words));
  if (context.json) return print_json(role);
  for (const auto& [field, value] : role.items()) {
    if (field == "permissions" || field == "expanded" || field.starts_with("member")) continue;
    if (field != "warnings" && !says_nothing(field, value))
      print_field(field, field_text(field, value));
  }
  print_field("members", members_text(role));
  if (role.at("expanded").is_null()) {
    std::cout << "its account has a scoped signing key: it gives nothing\n";
    return;
  }
  std::cout << "adds to the permissions of whoever has it\n";
  print_permissions(role.at("expanded"), [](const std::string&) { return ""; });
}

// ---------------------------------------------------------------------------------------- changing

void print_done(const Context& context, const Json& result, const std::string& done) {
  if (context.json) return print_json(result);
  std::cout << "role " << text_at(result, "id") << " " << done << "; revision "
            << result.at("revision") << '\n';
}

void create_role(const Context& context, const RoleWords& words) {
  nlohmann::json body = {{"role", fields_of(words)}};
  body["role"]["name"] = words.role;
  if (!words.request_id.empty()) body["request_id"] = words.request_id;
  const Json result = ask(context, "create_role", words.account, std::move(body));
  print_warnings(context, result);
  print_done(context, result, result.contains("replayed") ? "was created before" : "created");
}

std::string outcome(const Json& result, const std::optional<ClosingWords>& closing) {
  std::string text = result.at("changed").get<bool>() ? "updated" : "unchanged";
  if (text == "updated" && !(closing && closing->done())) text += " for new connections";
  if (closing && !closing->closed().empty()) text += "; " + closing->closed();
  return text;
}

void update_role(const Context& context, const RoleWords& words) {
  nlohmann::json body = body_of(words);
  body["set"] = fields_of(words);
  if (body["set"].empty())
    throw OperationError(Code::usage, "no change was given; see: credgate role --help");
  if (words.now) body["now"] = true;
  const Json result = ask(context, "update_role", words.account, std::move(body));
  print_warnings(context, result);
  std::optional<ClosingWords> closing;
  if (words.now) closing.emplace(result);
  print_done(context, result, outcome(result, closing));
  if (closing) report_unclosed(*closing, /*required=*/true);
}

void delete_role(const Context& context, const RoleWords& words) {
  nlohmann::json body = body_of(words);
  if (!words.yes) {
    confirm("deleting the role " + words.role, [&] {
      const Json role = ask(context, "get_role", words.account, {{"role", words.role}});
      std::cerr << "role " << text_at(role, "id") << "\n  description  "
                << value_text("", role.at("description")) << "\n  members      "
                << members_text(role) << '\n';
      body["role"] = role.at("id");  // what was shown is what is deleted
    });
  }
  const Json result = ask(context, "delete_role", words.account, std::move(body));
  if (context.json) return print_json(result);
  std::cout << "role " << text_at(result, "account") << "/" << text_at(result, "name")
            << " deleted\n";
}

// -------------------------------------------------------------------------------------- the
// command

struct Misplaced {
  const char* option;
  bool given;
  std::initializer_list<std::string_view> actions;  // that take it
};

void check(const RoleWords& words) {
  if (words.action == "list" && !words.role.empty())
    throw OperationError(Code::usage,
                         "role list takes no ROLE; did you mean: credgate role show " + words.role);
  if (words.action != "list" && words.role.empty())
    throw OperationError(Code::usage, "ROLE is missing: name of the role; use: role " +
                                          words.action + " ROLE; see: credgate role --help");
  const Misplaced all[] = {
      {"--description", words.description.has_value(), {"create", "update"}},
      {"what a role may do", !words.rights.members().empty(), {"create", "update"}},
      {"--request-id", !words.request_id.empty(), {"create"}},
      {"--now", words.now, {"update"}},
      {"--revision", words.revision.has_value(), {"update", "delete"}},
      {"--reason", !words.reason.empty(), {"update", "delete"}},
      {"--yes", words.yes, {"delete"}}};
  for (const Misplaced& one : all) {
    if (!one.given || std::ranges::find(one.actions, words.action) != one.actions.end()) continue;
    std::string where;
    for (const std::string_view action : one.actions)
      where += (where.empty() ? "role " : " and role ") + std::string(action);
    throw OperationError(Code::usage, std::string(one.option) + " is only for " + where);
  }
}

void run(const Context& context, const RoleWords& words) {
  check(words);
  if (words.action == "create") return create_role(context, words);
  if (words.action == "list") return list_roles(context, words);
  if (words.action == "show") return show_role(context, words);
  if (words.action == "update") return update_role(context, words);
  delete_role(context, words);
}

}  // namespace

void add_role(App& app, const Context& context) {
  Command command =
      app.add("role", "Create, list, show, update or delete a role: rights that credentials share");
  const auto words = std::make_shared<RoleWords>();
  command.required_choice("ACTION", "create, list, show, update or delete",
                          {"create", "list", "show", "update", "delete"}, words->action);
  command.optional_word("ROLE", "name of the role, or ACCOUNT/NAME; list takes none", words->role);
  command.text("--account", "ACCOUNT",
               "create: the account of the role (default: the only one configured); else: only "
               "look in this account",
               words->account);
  command.on_text("--description", "TEXT", "create, update: what the role is for",
                  [words](const std::string& given) { words->description = given; });
  command.number("--revision", "N",
                 "update, delete: only if the role is still at this revision (see show); otherwise "
                 "exit code 4",
                 words->revision);
  command.text("--reason", "TEXT", "update, delete: the reason, for the journal", words->reason);
  command.flag("--now",
               "update: also close the live connections of all who have the role, so that clients "
               "reconnect with the new permissions",
               words->now);
  command.flag("-y,--yes", "delete: do not ask for confirmation", words->yes);
  command.text("--request-id", "ID",
               "create: repeating the command with the same ID within a day creates no second role",
               words->request_id);
  words->rights.add_rights(command, RightsOptions::Use::updating);
  command.footer(
      "create and update take the options of what it may do. A credential may do what its own "
      "rights and those of its roles give; what one of them denies is denied. A role is for the "
      "credentials of its account.\n"
      "A list replaces the previous one; an empty list clears it. Without --now a change is for "
      "new connections. A role that somebody has cannot be deleted. Exit code 6: --now did not "
      "close all connections.\n"
      "Examples:\n"
      "  credgate role create device --publish --subjects 'sensors.{name}.>'\n"
      "  credgate create pump-1 --role device\n"
      "  credgate role update device --allow-sub 'commands.{name}' --now\n"
      "  credgate list --role device");
  command.run([&context, words] { run(context, *words); });
}

}  // namespace gateway::cli
