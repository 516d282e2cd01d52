#include "auth/base/time_format.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

namespace auth {
namespace {

using std::chrono::seconds;

constexpr std::array<std::pair<char, std::int64_t>, 5> kUnits = {
    {{'w', 604'800}, {'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};
constexpr std::int64_t kMaxSpan = 100LL * 365 * 86'400;

// All of `text` as digits; absent otherwise.
std::optional<std::int64_t> read_digits(std::string_view text) {
  std::int64_t n = 0;
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

std::optional<std::chrono::sys_days> read_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto y = read_digits(text.substr(0, 4));
  const auto m = read_digits(text.substr(5, 2));
  const auto d = read_digits(text.substr(8, 2));
  if (!y || !m || !d || *y < 1970) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*y)},
                                         std::chrono::month{static_cast<unsigned>(*m)},
                                         std::chrono::day{static_cast<unsigned>(*d)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date};
}

}  // namespace

std::string write_time(Time at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  std::array<char, 32> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<Time> read_time(std::string_view text) {
  const auto day = read_date(text.substr(0, 10));
  if (!day) return std::nullopt;
  if (text.size() == 10) return Time{*day};
  if (text.size() != 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text[19] != 'Z') {
    return std::nullopt;
  }
  const auto h = read_digits(text.substr(11, 2));
  const auto m = read_digits(text.substr(14, 2));
  const auto s = read_digits(text.substr(17, 2));
  if (!h || !m || !s || *h > 23 || *m > 59 || *s > 59) return std::nullopt;
  return Time{*day} + seconds{*h * 3'600 + *m * 60 + *s};
}

std::optional<Instant> read_instant(std::string_view text) {
  if (text.size() < 20) return std::nullopt;
  const auto whole = read_time(std::string(text.substr(0, 19)) + "Z");
  std::string_view rest = text.substr(19);
  std::int64_t micros = 0;
  if (rest.front() == '.') {
    const std::string_view digits = rest.substr(1, rest.find_first_not_of("0123456789", 1) - 1);
    std::string six(digits.substr(0, 6));
    six.resize(6, '0');
    if (digits.empty() || digits.size() > 9) return std::nullopt;
    micros = *read_digits(six);
    rest.remove_prefix(1 + digits.size());
  }
  if (!whole) return std::nullopt;
  const Instant at = *whole + std::chrono::microseconds{micros};
  if (rest == "Z") return at;
  if (rest.size() != 6 || rest[3] != ':' || (rest[0] != '+' && rest[0] != '-')) return std::nullopt;
  const auto h = read_digits(rest.substr(1, 2));
  const auto m = read_digits(rest.substr(4, 2));
  if (!h || !m || *h > 23 || *m > 59) return std::nullopt;
  const seconds east{(*h * 3'600 + *m * 60) * (rest[0] == '+' ? 1 : -1)};
  return at - east;
}

std::optional<seconds> read_duration(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto n = read_digits(text.substr(0, text.size() - 1));
  for (const auto& [letter, size] : kUnits) {
    if (text.back() != letter) continue;
    if (!n || *n == 0 || *n > kMaxSpan / size) return std::nullopt;
    return seconds{*n * size};
  }
  return std::nullopt;
}

std::string write_duration(seconds span) {
  for (const auto& [letter, size] : kUnits) {
    if (span.count() % size == 0 && span.count() != 0) {
      return std::to_string(span.count() / size) + letter;
    }
  }
  return "0s";
}

}  // namespace auth
