#pragma once
// The two narrow alphabets of NATS names.
// Source: ADR-6.

#include <algorithm>
#include <string_view>

namespace auth {

// A-Z, a-z, 0-9, `_` and `-`, at least one: the names of buckets and services.
constexpr bool restricted_term(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

// And `.`, `/` and `=`: the keys of a bucket.
constexpr bool limited_term(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c == '.' || c == '/' || c == '=' || restricted_term({&c, 1});
  });
}

}  // namespace auth
