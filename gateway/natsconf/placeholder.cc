#include "gateway/natsconf/placeholder.h"

#include <algorithm>
#include <array>
#include <utility>

#include "auth/base/text.h"

namespace gateway {
namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_letter(char c) {
  return is_lower(c) || is_upper(c);
}

// A_b1, and with other characters than these where they are given.
bool is_name(std::string_view text, std::string_view others = "_") {
  const auto fits = [&](char c) {
    return is_letter(c) || auth::is_digit(c) || others.find(c) != others.npos;
  };
  return !text.empty() && (is_letter(text.front()) || text.front() == '_') &&
         std::ranges::all_of(text, fits) && std::ranges::any_of(text, is_letter);
}

bool has_one_case(std::string_view text) {
  return std::ranges::none_of(text, is_lower) || std::ranges::none_of(text, is_upper);
}

bool is_between(std::string_view text, char first, char last) {
  return text.size() > 2 && text.front() == first && text.back() == last &&
         is_name(text.substr(1, text.size() - 2), "_-. ");
}

}  // namespace

bool is_placeholder(std::string_view text) {
  static constexpr auto kAnywhere =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"{{", "}}"},
                                                                    {"${", "}"},
                                                                    {"$(", ")"},
                                                                    {"#{", "}"},
                                                                    {"<<", ">>"},
                                                                    {"<%", "%>"},
                                                                    {"((", "))"},
                                                                    {"[[", "]]"}});
  for (const auto& [open, close] : kAnywhere) {
    const std::size_t begin = text.find(open);
    if (begin == text.npos) continue;
    const std::string_view rest = text.substr(begin + open.size());
    const std::size_t size = rest.find(close);
    if (size != rest.npos && std::ranges::any_of(rest.substr(0, size), is_letter)) return true;
  }
  const bool variable = text.starts_with('$') && is_name(text.substr(1)) && has_one_case(text);
  return variable || is_between(text, '%', '%') || is_between(text, '<', '>') ||
         is_between(text, '@', '@');
}

}  // namespace gateway
