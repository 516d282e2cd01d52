#pragma once
// What the store says of roles (auth/credential/role.h).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credential/role.h"

namespace store {

struct ChangedRole {
  auth::Role role;
  bool changed = false;        // false: unchanged, and no entry was written but for a `kick_role`
  std::uint64_t sequence = 0;  // of the last entry that was written; 0: none was
};

struct RolePage {
  std::vector<auth::Role> roles;     // by account, then by name
  std::vector<std::string> damaged;  // auth::role_id() of those that cannot be read
  std::string last{};                // where the next page begins after; empty at the end
};

// Ids of credentials.
struct Members {
  std::vector<std::string> ids;
  std::string last{};  // as above
};

// One without rights.
auth::Role named(std::string_view account, std::string_view name);
// A key that no table takes has no role.
bool can_be_role(std::string_view account, std::string_view name);

}  // namespace store
