#pragma once
// From when on an admission may still be on its way to the client.

#include <algorithm>
#include <chrono>

#include "auth/base/time_format.h"
#include "gateway/nats/server_timeout.h"
#include "gateway/nats/session.h"

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

// Until when its server may not find a session by its number: a leafnode only once it was let in.
inline std::chrono::steady_clock::time_point unknown_until(
    const Session& session, std::chrono::steady_clock::time_point now,
    const ServerTimeout& timeout) {
  if (!session.leafnode) return {};
  return now + timeout.longest() + kClockMargin;
}

// Whatever was let in before a change took hold began before this. Of the change only the second
// is known in which it was asked for, and it may have waited for another writer.
inline Now latest(auth::Time asked, const Now& now) {
  using std::chrono::seconds;
  return {.steady = now.steady,
          .wall = std::min(now.wall, auth::Instant{asked} + seconds{1} + kClockMargin)};
}

}  // namespace gateway
