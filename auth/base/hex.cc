#include "auth/base/hex.h"

#include <sodium.h>

namespace auth {

std::string write_hex(Bytes bytes) {
  std::string digits(bytes.size() * 2 + 1, '\0');  // sodium_bin2hex ends them with a zero
  sodium_bin2hex(digits.data(), digits.size(), bytes.data(), bytes.size());
  digits.pop_back();
  return digits;
}

std::optional<unsigned> read_hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

}  // namespace auth
