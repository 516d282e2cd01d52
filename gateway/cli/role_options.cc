#include "gateway/cli/role_options.h"

#include <algorithm>

#include "auth/base/text.h"
#include "auth/base/typo.h"
#include "gateway/cli/run_operation.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kUpdateTries = 5;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

[[noreturn]] void wrong(const std::string& message) {
  throw OperationError(Code::usage, message);
}

// One that is not had is misspelt: who takes a role away must not believe that it is gone.
[[noreturn]] void not_had(const std::string& role, const std::string& name,
                          const std::vector<std::string>& roles) {
  wrong("--no-role: \"" + name + "\" does not have the role \"" + role + "\"" +
        (roles.empty() ? "; it has none" : "; it has " + auth::join(roles)) +
        auth::did_you_mean(role, roles));
}

}  // namespace

void RoleOptions::add(Command& command) {
  command.group("What it may do");
  command.on_texts("--role", "ROLE", "give it this role of its account, too (repeatable)",
                   [this](const auto& given) { added_ = given; });
  command.on_texts("--no-role", "ROLE", "take this role from it (repeatable)",
                   [this](const auto& given) { removed_ = given; });
}

std::vector<std::string> RoleOptions::changed(const Json& credential) const {
  const auto had = credential.value("roles", std::vector<std::string>{});
  std::vector<std::string> roles = had;
  for (const std::string& role : added_) {
    if (contains(removed_, role))
      wrong("--role " + role + " and --no-role " + role +
            " contradict each other; give one of them");
    if (!contains(roles, role)) roles.push_back(role);
  }
  for (const std::string& role : removed_) {
    if (!contains(had, role)) not_had(role, text_at(credential, "name"), had);
    std::erase(roles, role);
  }
  return roles;
}

Json RoleOptions::update(const Context& context, const std::string& account,
                         nlohmann::json body) const {
  const auto named = body.at("credential").get<std::string>();
  const bool asked_revision = body.contains("revision");
  Json credential = look_up(context, account, named);
  for (int tries = 1;; ++tries) {
    body["set"]["roles"] = changed(credential);
    if (!asked_revision) body["revision"] = credential.at("revision");
    try {
      return ask(context, "update", account, body);
    } catch (const OperationError& error) {
      if (error.code() != Code::conflict || asked_revision || tries == kUpdateTries) throw;
      const auto revision = credential.at("revision");
      credential = ask(context, "get", account, {{"credential", named}});
      if (credential.at("revision") == revision) throw;  // the conflict is another one
    }
  }
}

}  // namespace gateway::cli
