#pragma once
// The character classes of nats-server's configuration language: the end of conf/lex.go.

#include <string_view>

#include "auth/base/text.h"

namespace gateway {

using auth::is_blank;
using auth::is_digit;

inline bool one_of(char c, std::string_view set) {
  return c != '\0' && set.find(c) != set.npos;
}
inline bool is_new_line(char c) {
  return one_of(c, "\r\n");
}
inline bool is_separator(char c) {
  return one_of(c, ":=");
}

}  // namespace gateway
