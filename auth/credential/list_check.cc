#include "auth/credential/list_check.h"

#include <algorithm>

#include "auth/nats/subject.h"

namespace auth {

std::string quote_entry(std::string_view text) {
  const bool quotable = text.size() <= kMaxSubjectBytes && printable(text);
  return quotable ? '"' + std::string{text} + "\" " : "an entry ";
}

std::optional<Invalid> check_entries(std::string_view field, const std::vector<ListEntry>& entries,
                                     std::size_t max) {
  const auto refuse = [&](std::string message) {
    return Invalid{std::string{field}, std::move(message)};
  };
  if (entries.size() > max) {
    return refuse("must have at most " + std::to_string(max) + " entries");
  }
  std::vector<std::string_view> texts;
  for (const auto& entry : entries) {
    if (entry.error) return refuse(quote_entry(entry.text) + *entry.error);
    texts.emplace_back(entry.text);
  }
  std::ranges::sort(texts);
  if (std::ranges::adjacent_find(texts) != texts.end()) {
    return refuse("must not contain an entry twice");
  }
  return std::nullopt;
}

}  // namespace auth
