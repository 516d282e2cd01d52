#pragma once
// What holds for the lists of a record, whatever their entries are.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/invalid.h"

namespace auth {

inline constexpr std::size_t kMaxListEntries = 1'000;

struct ListEntry {
  std::string text;                    // as people write it
  std::optional<std::string> error{};  // "must …", if it is wrong
};

// The text as the subject of a sentence, quoted, with a space behind it: "an entry " in place of
// what is long or not printable, which could forge a line of a log.
std::string quote_entry(std::string_view text);

// At most `max` entries, none of them wrong, none twice.
std::optional<Invalid> check_entries(std::string_view field, const std::vector<ListEntry>& entries,
                                     std::size_t max = kMaxListEntries);

}  // namespace auth
