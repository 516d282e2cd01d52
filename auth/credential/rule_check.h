#pragma once
// How rules of validate.h are written: as lists of what must hold, each with its field and message.

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/invalid.h"
#include "auth/credential/list_check.h"

namespace auth {

using Verdict = std::optional<Invalid>;

inline constexpr std::string_view kNameHint =
    "must be 1 to 128 printable ASCII characters without white space, `.`, `*`, `>`, `/` and `\\`";

inline constexpr std::string_view kRoleNameHint =
    "must be the name of a role: 1 to 64 of A-Z, a-z, 0-9, `_` and `-`";

inline constexpr std::string_view kVisibleHint =
    "must not have characters that can't be seen (zero-width and other format characters), nor "
    "white space other than U+0020: it would look like another";

struct Rule {
  bool holds;
  std::string_view field;
  std::string_view message;
};

// The first that does not hold.
Verdict check(std::initializer_list<Rule> rules);

constexpr bool implies(bool condition, bool consequence) {
  return !condition || consequence;
}

template <class T>
bool within(const T& value, const T& least, const T& most) {
  return value >= least && value <= most;
}

// Of a-z, 0-9 and the characters in `more`.
bool consists_of(std::string_view text, std::string_view more);

struct ListRule {
  std::string_view field;
  const std::vector<std::string>& list;
  bool (*valid)(std::string_view);
  std::string_view hint;
  bool has_templates = false;
  std::size_t max = kMaxListEntries;
};

// The first entry that is wrong.
Verdict check_lists(std::initializer_list<ListRule> rules);

}  // namespace auth
