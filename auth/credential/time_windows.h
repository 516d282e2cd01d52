#pragma once
// Times of day at which a credential may connect, in the time zone of the credential. nats-server's
// own `times` is wrong across midnight before 2.11.17, so credgate checks them itself, and ends the
// session at the end of the range.

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/base/time.h"

namespace auth {

// Seconds after local midnight, including the start and excluding the end. An end that is not after
// the start is on the next day; start == end is the whole day.
struct TimeRange {
  std::chrono::seconds start{};
  std::chrono::seconds end{};
  bool operator==(const TimeRange&) const = default;
};

// "HH:MM:SS-HH:MM:SS" (seconds may be left out when read), 00:00:00 to 23:59:59; an end of
// "24:00" or "24:00:00" is midnight and reads as 00:00:00.
std::optional<TimeRange> read_time_range(std::string_view text);
std::string write_time_range(const TimeRange& range);

// Gives the offset from UTC of a time zone at a time; absent for an unknown zone. An argument,
// because the zone data are on disk. Not called for an empty location, which is UTC.
using ZoneOffset =
    std::function<std::optional<std::chrono::seconds>(std::string_view zone, Time at)>;

// The end of the range that contains `now`; the latest end if several do. Absent if none does (so
// always without ranges), or if the zone is unknown: fail closed. The session is bounded even if
// ranges cover the whole day. If a change of offset makes the clock show a start or an end twice,
// the first one counts; if the clock jumps over it, the time of the jump counts. So ranges that are
// adjacent on the clock are adjacent in time.
std::optional<Time> inside_until(std::span<const TimeRange> ranges, std::string_view location,
                                 Time now, const ZoneOffset& offset);

}  // namespace auth
