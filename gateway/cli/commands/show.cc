#include <initializer_list>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "auth/credential/capabilities.h"
#include "auth/credential/credential_json.h"
#include "auth/credential/credential_read.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/output/record_text.h"
#include "gateway/cli/output/terminal.h"
#include "gateway/cli/output/text_layout.h"
#include "gateway/cli/output/value_text.h"
#include "gateway/cli/run_operation.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

// Where the entries of the expanded lists come from.
class Origins {
 public:
  // Reads the roles of the credential.
  Origins(const Context& context, const std::string& account, const Json& c);
  // "role ops"; empty where only the credential itself has it.
  std::string of(const std::string& entry) const;
  // Of roles that cannot be read.
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  auth::Credential own_;
  std::vector<auth::Role> roles_;
  std::vector<std::string> problems_;
};

// Of those that read_json() takes. It leaves out what a later version of a gateway has more.
nlohmann::json members_of(const Json& record, std::initializer_list<const char*> more) {
  nlohmann::json members;
  const auto take = [&](const std::string& name) {
    if (record.contains(name)) members[name] = record.at(name);
  };
  const Json known = auth::write_json(auth::Role{});  // outlives its items()
  for (const auto& [name, value] : known.items())
    if (name != "revision" && !name.starts_with("created_") && !name.starts_with("updated_"))
      take(name);
  for (const char* name : more)
    take(name);
  return members;
}

Origins::Origins(const Context& context, const std::string& account, const Json& c) {
  const auto names = c.value("roles", std::vector<std::string>{});
  if (names.empty()) return;
  static_cast<void>(auth::read_json(members_of(c, {"id", "tags"}), own_));
  for (const std::string& name : names) {
    try {
      const Json found =
          ask(context, "get_role", account, {{"role", auth::role_id(text_at(c, "account"), name)}});
      static_cast<void>(auth::read_json(members_of(found, {}), roles_.emplace_back()));
    } catch (const OperationError& error) {
      problems_.push_back("its role " + name + ": " + error.what());
    }
  }
}

std::string Origins::of(const std::string& entry) const {
  std::string names;
  std::size_t count = 0;
  for (const auth::Role& role : roles_) {
    if (!auth::has_entry(role, own_, entry)) continue;
    names += (count++ == 0 ? "" : ", ") + role.name;
  }
  if (count == 0) return "";
  const bool own = auth::has_entry(own_, own_, entry);
  return (own ? "its own, and role" : "role") + std::string(count > 1 ? "s " : " ") + names;
}

// What a revoked one would come to is of no use to anybody.
void print_expanded(const std::string& status, const Json& expanded, const Origins& origins) {
  if (status == "revoked") {
    std::cout << "it lets nobody in, and never will again\n";
    return;
  }
  if (status != "active") std::cout << "it lets nobody in now: it is " << status << '\n';
  if (expanded.is_null()) {
    std::cout << paragraph("", 0,
                           "its account has a scoped signing key: the template in the account's "
                           "JWT defines what it may do",
                           output_width());
    return;
  }
  std::cout << (status == "active" ? "permissions in nats-server\n"
                                   : "permissions in nats-server, once it lets somebody in\n");
  print_permissions(expanded, [&](const std::string& entry) { return origins.of(entry); });
}

void print_credential(const Json& c, const Origins& origins) {
  for (const auto& [field, value] : c.items()) {
    if (field == "permissions" || field == "expanded") continue;
    if (!says_nothing(field, value)) print_field(field, field_text(field, value));
  }
  print_expanded(c.at("status").get<std::string>(), c.at("expanded"), origins);
  for (const std::string& problem : origins.problems())
    std::cerr << "warning: " << problem << '\n';
}

void show(const Context& context, const std::string& credential, const std::string& account) {
  const Json c = ask(context, "get", account, {{"credential", credential}});
  if (context.json) return print_json(c);
  print_credential(c, Origins{context, account, c});
}

}  // namespace

void add_show(App& app, const Context& context) {
  Command command =
      app.add("show", "Show one credential, and its permissions as nats-server gets them");
  const auto named = std::make_shared<std::string>();
  const auto account = std::make_shared<std::string>();
  command.word("CREDENTIAL", "id or name of the credential", *named);
  add_account(command, *account);
  command.footer("Examples:\n  credgate show shop\n  credgate show shop --json");
  command.run([&context, named, account] { show(context, *named, *account); });
}

}  // namespace gateway::cli
