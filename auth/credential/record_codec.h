#pragma once
// A credential as the bytes that lie on disk:
//
//   version(1 byte, 1) ‖ BLAKE2b-128 of version and value (16 bytes) ‖ value (archive.h)
//
// The checksum makes damage a refusal, where a flipped bit in a subject would else be another
// permission. It is no protection against somebody who may write the store.

#include <optional>
#include <string>
#include <string_view>

#include "auth/credential/credential.h"

namespace auth {

inline constexpr std::size_t kMaxRecordBytes = 4 << 20;

std::string write_credential(const Credential& credential);

// Absent for anything that write_credential of this or an earlier version did not write whole.
std::optional<Credential> read_credential(std::string_view bytes);

// The value alone, without version and checksum: what a fuzzer needs to get past them.
std::string write_record_value(const Credential& credential);
std::optional<Credential> read_record_value(std::string_view value);

}  // namespace auth
