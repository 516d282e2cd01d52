#pragma once
// Small text helpers.

#include <functional>
#include <string>
#include <string_view>

namespace auth {

// "a, b, c". `text_of` makes of an item what converts to std::string_view.
template <class List, class TextOf = std::identity>
std::string join(const List& list, std::string_view separator = ", ", TextOf text_of = {}) {
  std::string text;
  bool first = true;
  for (const auto& item : list) {
    if (!first) text += separator;
    text += std::invoke(text_of, item);
    first = false;
  }
  return text;
}

}  // namespace auth
