#pragma once
// The stored form of a credential, and of a role:
//
//   version(1 byte, 1) ‖ BLAKE2b-128 of version and value (16 bytes) ‖ value (archive.h)
//
// The checksum turns damage into a refusal: otherwise a flipped bit in a subject would be another
// permission. It does not protect against somebody who can write to the store.

#include <optional>
#include <string>
#include <string_view>

#include "auth/credential/credential.h"
#include "auth/credential/role.h"

namespace auth {

inline constexpr std::size_t kMaxRecordBytes = 4 << 20;

std::string write_credential(const Credential& credential);

// Absent for anything but the complete output of write_credential of this or an earlier version.
std::optional<Credential> read_credential(std::string_view bytes);

// The same of a role. What is written of the one is never read as the other: a credential has an id
// and a kind.
std::string write_role(const Role& role);
std::optional<Role> read_role(std::string_view bytes);

// Only the value, without version and checksum, so that a fuzzer gets past them.
std::string write_record_value(const Credential& credential);
std::optional<Credential> read_record_value(std::string_view value);
std::optional<Role> read_role_value(std::string_view value);

}  // namespace auth
