#include "gateway/cli/import/file_roles.h"

#include <utility>

#include "auth/credential/credential_json.h"

namespace gateway::cli {

using auth::Credential;
using auth::Invalid;
using auth::Result;
using auth::Role;

std::string role_line(const Role& role) {
  nlohmann::ordered_json json = auth::write_json(role);
  for (const char* own : {"revision", "created_at", "created_by", "updated_at", "updated_by"})
    json.erase(own);
  return nlohmann::ordered_json{{"role", std::move(json)}}.dump() + "\n";
}

Role with_own_fields(Role role, const Role& stored) {
  role.revision = stored.revision;
  role.created_at = stored.created_at;
  role.created_by = stored.created_by;
  role.updated_at = stored.updated_at;
  role.updated_by = stored.updated_by;
  return role;
}

Result<std::optional<Role>, Invalid> FileRoles::stored(const Role& role) const {
  try {
    return store_.role(role.account, role.name);
  } catch (const store::Damaged& damaged) {
    return Invalid{"role", damaged.what()};
  }
}

std::optional<Invalid> FileRoles::add(const std::string& where, const Role& role) {
  const auto [at, is_new] =
      lines_.try_emplace(auth::role_id(role.account, role.name), Line{where, role});
  if (!is_new) return Invalid{"role.name", "is also that of " + at->second.where};
  return std::nullopt;
}

Result<std::vector<Role>, Invalid> FileRoles::roles_of(const Credential& c) {
  std::vector<Role> roles;
  for (const std::string& name : c.roles) {
    const std::string id = auth::role_id(c.account, name);
    named_.insert(id);
    if (const auto line = lines_.find(id); line != lines_.end()) {
      roles.push_back(line->second.role);
      continue;
    }
    Role key;
    key.account = c.account;
    key.name = name;
    auto found = stored(key);
    if (!found) return found.error();
    if (!*found) {
      return Invalid{"roles", "there is no role \"" + name + "\" in account " + c.account +
                                  ", nor in a line above; see: credgate role list"};
    }
    roles.push_back(std::move(**found));
  }
  if (auto wrong = auth::validate_together(c, roles)) return *wrong;
  return roles;
}

// The store looks for roles among its own alone; roles_of() has looked at them.
std::optional<store::Refused> FileRoles::check_new(const Credential& credential) const {
  Credential alone = credential;
  alone.roles.clear();
  return store_.check_new(alone);
}

bool FileRoles::has(const Role& role) const {
  return lines_.contains(auth::role_id(role.account, role.name));
}

bool FileRoles::is_named(const Role& role) const {
  return named_.contains(auth::role_id(role.account, role.name));
}

}  // namespace gateway::cli
