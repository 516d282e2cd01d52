#pragma once
// Small text helpers.

#include <functional>
#include <string>
#include <string_view>

namespace auth {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Of ASCII letters alone.
inline std::string lower_case(std::string_view text) {
  std::string low{text};
  for (char& c : low) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return low;
}

// One word of a POSIX shell, of any bytes, for a command that somebody pastes.
inline std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=";
  // zsh expands =NAME to the path of a command.
  const bool plain =
      !text.empty() && text.front() != '=' && text.find_first_not_of(kPlain) == text.npos;
  if (plain) return std::string{text};
  std::string word = "'";
  for (const char c : text)
    word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

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
