#include "auth/base/typo.h"

#include <algorithm>

#include "auth/base/text.h"

namespace auth {
namespace {

constexpr std::size_t kMinBeginning = 3;

}  // namespace

bool similar(std::string_view a, std::string_view b) {
  std::size_t head = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head])
    ++head;
  std::size_t tail = 0;
  while (tail < a.size() - head && tail < b.size() - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
    ++tail;
  }
  return std::max(a.size(), b.size()) - head - tail <= 2 && head + tail > 0;
}

std::string meant_by(std::string_view word, const std::vector<std::string>& known) {
  const std::string low = lower_case(word);
  for (const std::string& candidate : known) {
    if (lower_case(candidate) == low) return candidate;
  }
  for (const std::string& candidate : known) {
    if (similar(low, lower_case(candidate))) return candidate;
  }
  const auto begins = [&](const std::string& candidate) {
    return low.size() >= kMinBeginning && lower_case(candidate).starts_with(low);
  };
  const auto at = std::ranges::find_if(known, begins);
  return at != known.end() && std::ranges::count_if(known, begins) == 1 ? *at : "";
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::string meant = meant_by(word, known);
  return meant.empty() ? "" : "; did you mean " + meant + "?";
}

}  // namespace auth
