#pragma once
// The form of the tables' keys; store/tables.h says which table has which.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credential/credential.h"

namespace store {

std::string login_key(auth::Kind kind, std::string_view login);
// All that lead to this credential, those that are only reserved among them.
std::vector<std::string> login_keys(const auth::Credential& credential);
std::string name_key(std::string_view name, std::string_view account);
// All keys of this name begin with it.
std::string name_prefix(std::string_view name);
std::string role_key(std::string_view account, std::string_view role);
// All members of a role begin with it.
std::string members_prefix(std::string_view account, std::string_view role);
// One for each role; none of a credential that is revoked.
std::vector<std::string> member_keys(const auth::Credential& credential);
inline constexpr std::size_t kSequenceBytes = 8;
std::string sequence_key(std::uint64_t sequence);
std::uint64_t read_sequence_key(std::string_view key);

}  // namespace store
