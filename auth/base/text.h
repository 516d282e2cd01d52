#pragma once
// Small things that are done with text.

#include <string>
#include <string_view>

namespace auth {

// "a, b, c". `list`: of what converts to std::string_view.
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
