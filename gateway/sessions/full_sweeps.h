#pragma once
// When all servers are asked for all their sessions. One sweep does for everybody who waits for
// one: it costs as much as there are sessions.

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "gateway/sessions/closing.h"

namespace gateway {

// Not thread-safe.
class FullSweeps {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // One that begins at `due` or soon after it is wanted.
  void add(TimePoint due, const ClosingPart& of = {}) { waiting_.emplace(due, of); }
  // The connection is a new one.
  void start_over(TimePoint now) { regular_ = now; }
  // The closings that wait for the sweep that is to be made now. Absent: none is.
  std::optional<std::vector<ClosingPart>> take(TimePoint now) {
    if (next_due() > now) return std::nullopt;
    between_ = now - last_ < 2 * between_ ? std::min(2 * between_, kMaxBetween) : kBetween;
    last_ = now;
    regular_ = now + kInterval;
    std::vector<ClosingPart> of;
    const auto end = waiting_.upper_bound(now);
    for (auto each = waiting_.begin(); each != end; ++each) {
      if (each->second) of.push_back(each->second);
    }
    waiting_.erase(waiting_.begin(), end);
    return of;
  }
  TimePoint next_due() const {
    if (waiting_.empty()) return regular_;
    return std::min(regular_, std::max(waiting_.begin()->first, last_ + between_));
  }

 private:
  // For events that were lost, and servers that were out of reach.
  static constexpr std::chrono::minutes kInterval{15};
  // Who changes roles again and again keeps neither the servers nor the gateway busy: a sweep of
  // 100,000 sessions may take more than a second, so each that follows soon waits twice as long.
  static constexpr std::chrono::milliseconds kBetween{250};
  static constexpr std::chrono::milliseconds kMaxBetween{8000};

  std::multimap<TimePoint, ClosingPart> waiting_;  // by the time from which on it will do
  TimePoint regular_{};
  TimePoint last_{};
  std::chrono::milliseconds between_ = kBetween;
};

}  // namespace gateway
