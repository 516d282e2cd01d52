#pragma once
// Hexadecimal digits.

#include <optional>
#include <string>

#include "auth/base/bytes.h"

namespace auth {

// Two lower-case digits for each byte.
std::string write_hex(Bytes bytes);

// The value of a digit of either case.
std::optional<unsigned> read_hex_digit(char c);

}  // namespace auth
