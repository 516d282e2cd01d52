#pragma once
// Times of day at which a credential may connect, in the time zone of the credential. The server's
// own `times` is wrong across midnight before 2.11.17, so credgate judges it, and bounds the
// session by the end of the range.

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/base/bytes.h"

namespace auth {

// Seconds after local midnight, start included, end not. An end that is not after the start lies on
// the next day; start == end is the whole day.
struct TimeRange {
  std::chrono::seconds start{};
  std::chrono::seconds end{};
  bool operator==(const TimeRange&) const = default;
};

// "HH:MM:SS-HH:MM:SS" (seconds may be left out when read), 00:00:00 to 23:59:59; an end of
// "24:00" or "24:00:00" is midnight and reads as 00:00:00.
std::optional<TimeRange> read_time_range(std::string_view text);
std::string write_time_range(const TimeRange& range);

// The offset from UTC of a time zone at a moment; absent for an unknown zone. An argument, since
// the zone data lie on disk. Not asked where the location is empty: that is UTC.
using ZoneOffset =
    std::function<std::optional<std::chrono::seconds>(std::string_view zone, Time at)>;

// Until when `now` lies inside one of the ranges: the latest end of those that hold now. Absent
// when it lies in none (so always without ranges), or when the zone is unknown: fail closed. Ranges
// that together cover the day have no end that matters, but the session is bounded all the same.
// Where a change of offset makes the clock show a start or an end twice, the first one counts;
// where it jumps over it, the jump does. So ranges that meet on the clock also meet in time.
std::optional<Time> inside_until(std::span<const TimeRange> ranges, std::string_view location,
                                 Time now, const ZoneOffset& offset);

}  // namespace auth
