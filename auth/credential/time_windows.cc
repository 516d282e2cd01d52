#include "auth/credential/time_windows.h"

#include <algorithm>

#include "auth/base/text.h"

namespace auth {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using Local = std::chrono::local_seconds;  // what a clock on the wall shows

constexpr seconds kDay = days{1};

std::optional<int> read_two_digits(std::string_view text, int most) {
  if (!is_digit(text[0]) || !is_digit(text[1])) return std::nullopt;
  const int number = 10 * (text[0] - '0') + (text[1] - '0');
  return number <= most ? std::optional{number} : std::nullopt;
}

// 00:00:00 to 24:00:00.
std::optional<seconds> read_clock(std::string_view text) {
  std::string full{text};
  if (full.size() == 5) full += ":00";
  if (full.size() != 8 || full[2] != ':' || full[5] != ':') return std::nullopt;

  const auto hour = read_two_digits(full, 24);
  const auto minute = read_two_digits(full.substr(3), 59);
  const auto second = read_two_digits(full.substr(6), 59);
  if (!hour || !minute || !second) return std::nullopt;
  const seconds clock{*hour * 3600 + *minute * 60 + *second};
  return clock <= kDay ? std::optional{clock} : std::nullopt;
}

std::string write_clock(seconds clock) {
  const auto number = clock.count();
  std::string text;
  for (const auto part : {number / 3600, number / 60 % 60, number % 60}) {
    if (!text.empty()) text += ':';
    text += static_cast<char>('0' + part / 10);
    text += static_cast<char>('0' + part % 10);
  }
  return text;
}

struct Zone {
  std::string_view location;
  const ZoneOffset& offset;

  seconds offset_at(Time at) const {
    return location.empty() ? seconds{0} : offset(location, at).value();
  }
  Local local(Time at) const { return Local{at.time_since_epoch() + offset_at(at)}; }
  Time utc(Local local) const;
};

// The moment at which the clock shows `local`, as std::chrono::choose::earliest has it: the first
// of two where it is set back, the jump itself where it is set forward over it. Offsets are below a
// day and change at most once in two, so the moments a day before and after see both of them.
Time Zone::utc(Local local) const {
  const Time same_digits{local.time_since_epoch()};
  const seconds before = offset_at(same_digits - kDay);
  const seconds after = offset_at(same_digits + kDay);
  const Time by_before = same_digits - before;
  if (before == after || offset_at(by_before) == before) return by_before;

  Time first = same_digits - after;
  for (Time last = by_before; first < last;) {
    const Time middle = first + (last - first) / 2;
    if (offset_at(middle) == after) {
      last = middle;
    } else {
      first = middle + seconds{1};
    }
  }
  return first;
}

}  // namespace

std::optional<TimeRange> read_time_range(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto start = read_clock(text.substr(0, dash));
  const auto end = read_clock(text.substr(dash + 1));
  if (!start || !end || *start == kDay) return std::nullopt;
  return TimeRange{*start, *end % kDay};
}

std::string write_time_range(const TimeRange& range) {
  return write_clock(range.start) + "-" + write_clock(range.end);
}

std::optional<Time> inside_until(std::span<const TimeRange> ranges, std::string_view location,
                                 Time now, const ZoneOffset& offset) {
  if (!location.empty() && !offset(location, now)) return std::nullopt;
  const Zone zone{location, offset};
  const auto today = std::chrono::floor<days>(zone.local(now));

  std::optional<Time> until;
  for (const auto& range : ranges) {
    const seconds overnight = range.end > range.start ? seconds{0} : kDay;
    // Tomorrow too: a clock that was set back over midnight shows yesterday's date again.
    for (const auto day : {today - days{1}, today, today + days{1}}) {
      const Time start = zone.utc(day + range.start);
      const Time end = zone.utc(day + range.end + overnight);
      if (start <= now && now < end) until = std::max(until, std::optional{end});
    }
  }
  return until;
}

}  // namespace auth
