#include "gateway/cli/output/literals.h"

namespace gateway::cli {
namespace {

constexpr std::string_view kNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";

std::string four_hex_digits(unsigned char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return std::string("\\u00") + kDigits[c >> 4] + kDigits[c & 15];
}

std::string three_octal_digits(unsigned char c) {
  const auto digit = [](int value) { return static_cast<char>('0' + value); };
  return std::string("\\") + digit(c >> 6) + digit(c >> 3 & 7) + digit(c & 7);
}

// `escaped`: what a backslash goes before. `control` writes a control character.
std::string quoted(std::string_view text, std::string_view escaped,
                   std::string (*control)(unsigned char)) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n' || c == '\r') {
      // Java reads \u000a as the end of the line, before it sees the quotes.
      out += c == '\n' ? "\\n" : "\\r";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += control(byte);
    } else {
      if (escaped.find(c) != escaped.npos) out += '\\';
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

std::string string_literal(std::string_view text) {
  return quoted(text, "\"\\", four_hex_digits);
}

// A question mark may begin a trigraph.
std::string c_literal(std::string_view text) {
  return quoted(text, "\"\\?", three_octal_digits);
}

std::string file_name(std::string_view text, std::string_view otherwise) {
  const bool plain = !text.empty() && text.find_first_not_of(kNameCharacters) == text.npos &&
                     text.front() != '-' && text.front() != '.';
  return std::string(plain ? text : otherwise);
}

}  // namespace gateway::cli
