#pragma once
// Strict base64: one value has exactly one encoding. White space, wrong or missing padding and
// non-zero trailing bits are refused; two encodings of one token would be two tokens for one
// secret.
// Source: RFC 4648 §4, §5.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/bytes.h"

namespace auth {

// URL alphabet, never padded: JWTs, our secrets, most clients' signatures.
std::string write_base64url(Bytes bytes);
std::optional<std::vector<std::uint8_t>> read_base64url(std::string_view text);

// Standard alphabet, padded to a multiple of four: nats.py and nats.js write signatures so.
std::optional<std::vector<std::uint8_t>> read_base64(std::string_view text);

// Standard alphabet, never padded: the PHC string format of password hashes.
std::string write_unpadded_base64(Bytes bytes);
std::optional<std::vector<std::uint8_t>> read_unpadded_base64(std::string_view text);

}  // namespace auth
