#pragma once
// Moments and spans of time as people and programs write them.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "auth/base/bytes.h"

namespace auth {

// RFC 3339 in UTC, whole seconds: "2026-11-23T22:13:31Z". Years 1970 to 9999.
std::string write_time(Time at);
// The same form, or a date alone, which is its first second.
std::optional<Time> read_time(std::string_view text);

// A moment as Go writes it: RFC 3339 with a fraction of up to nine digits, of which six count, and
// "Z" or an offset.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;
std::optional<Instant> read_instant(std::string_view text);

// A whole number and one of s, m, h, d, w: "90s", "30d". Above zero, at most 36500 days.
std::optional<std::chrono::seconds> read_duration(std::string_view text);
// The same in the largest unit that divides it.
std::string write_duration(std::chrono::seconds span);

}  // namespace auth
