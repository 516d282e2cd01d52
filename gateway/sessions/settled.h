#pragma once
// From when on an admission may still be on its way to the client.

#include <chrono>

#include "auth/base/time_format.h"
#include "gateway/nats/server_timeout.h"

namespace gateway {

// Both clocks, read together.
struct Now {
  std::chrono::steady_clock::time_point steady;
  auth::Instant wall;
};

// What was being decided at a change was answered within the servers' timeout, and so long after.
inline constexpr std::chrono::seconds kClockMargin{1};

// Whatever began before this had been answered at `at`, which is not after `now`.
inline auth::Instant settled(const Now& now, std::chrono::steady_clock::time_point at,
                             const ServerTimeout& timeout) {
  const auto ago = std::chrono::floor<std::chrono::microseconds>(now.steady - at);
  return now.wall - ago - timeout.longest() - kClockMargin;
}

}  // namespace gateway
