#include "gateway/natsconf/go_duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace gateway {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

std::optional<nanoseconds> read_go_duration(std::string_view text) {
  static constexpr auto kUnits = std::to_array<std::pair<std::string_view, nanoseconds>>({
      {"ns", 1ns},
      {"us", 1us},
      {"\u00b5s", 1us},
      {"\u03bcs", 1us},
      {"ms", 1ms},
      {"s", 1s},
      {"m", 1min},
      {"h", 1h},
  });
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0ns;
  if (text.empty()) return std::nullopt;
  double sum = 0;
  while (!text.empty()) {
    double number = 0;
    const auto number_size = std::min(text.find_first_not_of("0123456789."), text.size());
    const char* number_end = text.data() + number_size;
    const auto read = std::from_chars(text.data(), number_end, number, std::chars_format::fixed);
    if (read.ec != std::errc{} || read.ptr != number_end) return std::nullopt;
    text.remove_prefix(number_size);
    const auto word = text.substr(0, text.find_first_of("0123456789."));
    const auto* unit = std::ranges::find(kUnits, word, [](const auto& pair) { return pair.first; });
    if (unit == kUnits.end()) return std::nullopt;
    text.remove_prefix(word.size());
    sum += number * static_cast<double>(unit->second.count());
  }
  if (sum > 9e18) return std::nullopt;
  return nanoseconds{static_cast<std::int64_t>(negative ? -sum : sum)};
}

}  // namespace gateway
