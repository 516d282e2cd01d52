#pragma once
// The character classes of nats-server's configuration language: the end of conf/lex.go.

#include <algorithm>
#include <string>
#include <string_view>

namespace gateway {

inline bool one_of(char c, std::string_view set) {
  return c != '\0' && set.find(c) != set.npos;
}
inline bool is_new_line(char c) {
  return one_of(c, "\r\n");
}
inline bool is_blank(char c) {
  return one_of(c, " \t");
}
inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_separator(char c) {
  return one_of(c, ":=");
}

inline std::string lower(std::string_view text) {
  std::string low{text};
  std::ranges::transform(low, low.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return low;
}

}  // namespace gateway
