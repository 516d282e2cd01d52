#include "auth/credential/role.h"

#include <algorithm>

#include "auth/nats/terms.h"

namespace auth {

bool valid_role_name(std::string_view name) {
  return name.size() <= kMaxRoleNameBytes && restricted_term(name);
}

std::string role_id(std::string_view account, std::string_view name) {
  return std::string(account) + '/' + std::string(name);
}

std::optional<std::string> missing_role(const Credential& credential, std::span<const Role> roles) {
  for (const std::string& name : credential.roles) {
    const bool there = std::ranges::any_of(roles, [&](const Role& role) {
      return role.name == name && role.account == credential.account;
    });
    if (!there) return name;
  }
  return std::nullopt;
}

}  // namespace auth
