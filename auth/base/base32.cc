#include "auth/base/base32.h"

namespace auth {
namespace {

constexpr std::uint32_t kNoDigit = 32;

// Arithmetic and not a table: the letters of a seed must not choose which memory is touched.
std::uint32_t digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= '2' && c <= '7') return static_cast<std::uint32_t>(c - '2' + 26);
  return kNoDigit;
}

char letter_of(std::uint32_t bits) {
  const std::uint32_t digit = bits & 31;
  return static_cast<char>(digit < 26 ? 'A' + digit : '2' + digit - 26);
}

}  // namespace

// In both directions `bits` ends in `held` bits that wait for company; those above them are done
// with, and run off the top.

std::string write_base32(Bytes bytes) {
  std::string text;
  text.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (held += 8; held >= 5; held -= 5) {
      text.push_back(letter_of(bits >> (held - 5)));
    }
  }
  if (held > 0) text.push_back(letter_of(bits << (5 - held)));
  return text;
}

std::optional<std::vector<std::uint8_t>> read_base32(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() * 5 / 8);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::uint32_t digit = digit_of(c);
    if (digit == kNoDigit) return std::nullopt;
    bits = bits << 5 | digit;
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> held & 0xFF));
    }
  }
  // A whole letter left over belongs to no byte.
  const std::uint32_t trailing = bits & ((1U << held) - 1);
  if (held >= 5 || trailing != 0) return std::nullopt;
  return bytes;
}

}  // namespace auth
