#pragma once
// Spans of time as nats-server's configuration writes them: Go's time.ParseDuration.

#include <chrono>
#include <optional>
#include <string_view>

namespace gateway {

// "1h30m", "1.5s", "-1s", "0". Absent for what is none.
std::optional<std::chrono::nanoseconds> read_go_duration(std::string_view text);

}  // namespace gateway
