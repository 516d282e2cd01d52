#include <utility>

#include "gateway/cli/apply/plan.h"
#include "gateway/cli/pages.h"

namespace gateway::cli {

using auth::Invalid;
using auth::Role;

std::uint64_t Plan::count_roles(StepKind kind) const {
  std::uint64_t count = 0;
  for (const RoleStep& step : roles)
    count += step.kind == kind ? 1 : 0;
  return count;
}

std::optional<Invalid> Planner::plan_role(const std::string& where, Role role) {
  if (role.name.empty()) return Invalid{"role.name", "is missing"};
  if (auto wrong = check_role(role, rules_)) return wrong;
  if (!scope_.account.empty() && role.account != scope_.account)
    return Invalid{"role.account", "must be " + scope_.account + ", as --account says"};
  auto before = roles_.stored(role);
  if (!before) return before.error();
  if (auto wrong = roles_.add(where, role)) return wrong;
  if (!*before) {
    auto fields = fields_of(nullptr, role);
    plan_.roles.push_back({StepKind::create, where, {}, std::move(role), std::move(fields)});
    return std::nullopt;
  }
  role = with_own_fields(std::move(role), **before);
  if (role == **before) {
    ++plan_.unchanged_roles;
    return std::nullopt;
  }
  // They were compared with what it is now.
  if (roles_.is_named(role)) return Invalid{"role", "must stand before the lines that name it"};
  auto fields = fields_of(&**before, role);
  plan_.roles.push_back(
      {StepKind::update, where, std::move(**before), std::move(role), std::move(fields)});
  return std::nullopt;
}

// A tag is not a scope of roles: they have none. One that a line names stays.
void Planner::prune_roles() {
  if (scope_.account.empty() || !scope_.tag.empty()) return;
  for_roles(context_.store, scope_.account, [&](const Role& role) {
    if (roles_.has(role) || roles_.is_named(role)) return;
    plan_.roles.push_back({StepKind::revoke, "", role, role});
  });
}

}  // namespace gateway::cli
