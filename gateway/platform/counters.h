#pragma once
// Counters of what the daemon has done since its start, and gauges of its current state. Written
// without a lock by the threads that do the work; read by metrics, status and discovery.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>

#include "auth/credential/credential.h"
#include "auth/deny.h"

namespace gateway {

using Count = std::atomic<std::uint64_t>;

// A Prometheus histogram of durations: each bucket counts the values up to its bound.
class Durations {
 public:
  // In seconds.
  static constexpr std::array kBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                         0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0};

  void add(std::chrono::nanoseconds took) {
    const double seconds = std::chrono::duration<double>(took).count();
    std::size_t i = 0;
    while (i < kBounds.size() && seconds > kBounds.at(i))
      ++i;
    ++counts_.at(i);
    nanoseconds_ += static_cast<std::uint64_t>(took.count());
  }
  // The count of the values above the previous bound and not above this one; the last bucket is
  // above all bounds.
  std::uint64_t count(std::size_t i) const { return counts_.at(i); }
  double seconds() const { return static_cast<double>(nanoseconds_.load()) / 1e9; }

 private:
  std::array<Count, kBounds.size() + 1> counts_{};
  Count nanoseconds_ = 0;
};

// By the kind of the presented credential; the first is for requests that presented none.
using CountByKind = std::array<Count, 7>;

struct Counters {
  static std::size_t index(std::optional<auth::Kind> kind) {
    return kind ? static_cast<std::size_t>(*kind) : 0;
  }
  std::uint64_t granted() const { return sum(granted_of); }
  std::uint64_t denied() const {
    return std::transform_reduce(denied_for.begin(), denied_for.end(), std::uint64_t{0},
                                 std::plus<>{}, sum);
  }
  std::uint64_t sigv4_verified() const {
    return std::accumulate(sigv4_denied.begin(), sigv4_denied.end(), sigv4_allowed.load());
  }
  static std::uint64_t sum(const CountByKind& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  }

  std::uint64_t overload_drops() const { return expired + displaced + unread; }

  std::chrono::steady_clock::duration oldest_password_waits() const {
    const std::chrono::steady_clock::duration since = oldest_password;
    if (since == since.zero()) return since;
    return std::chrono::steady_clock::now().time_since_epoch() - since;
  }

  CountByKind granted_of{};
  std::array<CountByKind, auth::kDenyReasons> denied_for{};
  std::array<Count, auth::kDropReasons> dropped{};
  // What nats-server refused of this daemon's grants; and where no daemon answered in time.
  std::array<Count, auth::kServerRefusals> server_refused{};
  Durations decided;           // from taking a request to having answered it, except
  Durations decided_password;  // those that waited in the password queue
  Count late = 0;              // decided after the server had stopped waiting
  Count expired = 0;           // requests dropped undecided: their server had stopped waiting,
  Count displaced = 0;         // others took their places in the queue,
  Count unread = 0;            // or nats.c had no place for them
  Count unsent = 0;            // delayed refusals never sent, because too many were waiting
  Count faults = 0;
  Count kicked = 0;
  Count usage_lost = 0;     // failed writes of usage
  Count events_lost = 0;    // decision events not published: their rate limit, or a full queue
  Count sigv4_allowed = 0;  // signed requests of proxies
  std::array<Count, auth::kDenyReasons> sigv4_denied{};
  Durations sigv4;
  Count admin_done = 0;     // operations over NATS
  Count admin_refused = 0;  // and those that failed

  // The current state.
  std::atomic<std::int64_t> requests_waiting = 0;   // received, and not yet taken by a worker
  std::atomic<std::int64_t> passwords_waiting = 0;  // logins in the password queue
  // When the oldest of them was queued; zero: the queue is empty.
  std::atomic<std::chrono::steady_clock::duration> oldest_password{};
};

}  // namespace gateway
