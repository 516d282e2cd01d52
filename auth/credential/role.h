#pragma once
// The role: rights that several credentials of one account share. Each has them beside its own, as
// they are when it logs in. What is denied by one of them is denied.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/base/time.h"
#include "auth/credential/credential.h"
#include "auth/credential/rights.h"

namespace auth {

inline constexpr std::size_t kMaxRoles = 8;  // of one credential
inline constexpr std::size_t kMaxRoleNameBytes = 64;

struct Role : Rights {
  std::string account;
  std::string name;            // one token of A-Z, a-z, 0-9, `_` and `-`; once in its account
  std::uint64_t revision = 0;  // rises; that of a new role is above those of a deleted one
  std::string description;

  Time created_at;
  std::string created_by;
  Time updated_at;
  std::string updated_by;

  bool operator==(const Role&) const = default;
};

bool valid_role_name(std::string_view name);

// "ACCOUNT/NAME", in which neither has a slash.
std::string role_id(std::string_view account, std::string_view name);

// The first role that the credential names and that is not among `roles`, which must be of its
// account. Such a credential may do nothing: that role may have denied something.
std::optional<std::string> missing_role(const Credential& credential, std::span<const Role> roles);

}  // namespace auth
