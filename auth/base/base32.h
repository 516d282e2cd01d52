#pragma once
// Base32 as nkeys use it: upper-case RFC 4648 alphabet, no padding. One value has exactly one
// encoding.
// Source: RFC 4648 §6; nats-io/nkeys.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/bytes.h"

namespace auth {

std::string write_base32(Bytes bytes);

// Absent for any character outside A-Z2-7, an impossible length, or trailing bits that are not
// zero. The result holds text.size() * 5 / 8 bytes: the caller bounds the size of `text`.
std::optional<std::vector<std::uint8_t>> read_base32(std::string_view text);

}  // namespace auth
