#pragma once
// Durations in nats-server's configuration: Go's time.ParseDuration.

#include <chrono>
#include <optional>
#include <string_view>

namespace gateway {

// "1h30m", "1.5s", "-1s", "0". Absent for anything else.
std::optional<std::chrono::nanoseconds> read_go_duration(std::string_view text);

}  // namespace gateway
