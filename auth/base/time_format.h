#pragma once
// Timestamps and durations as people and programs write them.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "auth/base/time.h"

namespace auth {

// RFC 3339 in UTC, whole seconds: "2026-11-23T22:13:31Z". Years 1970 to 9999.
std::string write_time(Time at);
// The same form, or only a date, which means its first second.
std::optional<Time> read_time(std::string_view text);

// A timestamp as Go writes it: RFC 3339 with a fraction of up to nine digits, of which six are
// kept, and "Z" or an offset.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;
std::optional<Instant> read_instant(std::string_view text);

// A whole number and a unit, one of s, m, h, d, w: "90s", "30d". Greater than zero, at most 36500
// days.
std::optional<std::chrono::seconds> read_duration(std::string_view text);
// The same form, in the largest unit that divides it.
std::string write_duration(std::chrono::seconds span);

}  // namespace auth
