#pragma once
// Small text helpers.

#include <string>
#include <string_view>

namespace auth {

// "a, b, c". The elements of `list` convert to std::string_view.
template <class List>
std::string join(const List& list, std::string_view separator = ", ") {
  std::string text;
  bool first = true;
  for (const auto& item : list) {
    if (!first) text += separator;
    text += item;
    first = false;
  }
  return text;
}

}  // namespace auth
