#pragma once
// Whether the threads that decide make progress: each marks the time that it is busy with a piece
// of work.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <list>

#include "gateway/platform/locked.h"

namespace gateway {

// Thread-safe.
class StallDetector {
 public:
  using Clock = std::chrono::steady_clock;

  // Registers a thread for as long as it runs. Used by that thread alone.
  class Thread {
   public:
    explicit Thread(StallDetector& detector) : detector_(detector) {
      const auto threads = detector_.threads_.lock();
      at_ = threads->insert(threads->end(), &busy_since_);
    }
    ~Thread() { detector_.threads_.lock()->erase(at_); }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

   private:
    friend class BusyScope;
    StallDetector& detector_;
    std::list<const std::atomic<Clock::duration>*>::iterator at_;
    std::atomic<Clock::duration> busy_since_ = Clock::duration::zero();  // zero: it is idle
  };

  // How long the longest piece of work that goes on has taken so far.
  Clock::duration longest(Clock::time_point now = Clock::now()) const {
    const auto threads = threads_.lock();
    auto longest = Clock::duration::zero();
    for (const auto* busy_since : *threads) {
      const Clock::duration since = *busy_since;
      if (since != Clock::duration::zero()) {
        longest = std::max(longest, now.time_since_epoch() - since);
      }
    }
    return longest;
  }

 private:
  Locked<std::list<const std::atomic<Clock::duration>*>> threads_;
};

// One piece of work of a thread.
class BusyScope {
 public:
  explicit BusyScope(StallDetector::Thread& thread) : thread_(thread) {
    thread_.busy_since_ = StallDetector::Clock::now().time_since_epoch();
  }
  ~BusyScope() { thread_.busy_since_ = StallDetector::Clock::duration::zero(); }
  BusyScope(const BusyScope&) = delete;
  BusyScope& operator=(const BusyScope&) = delete;

 private:
  StallDetector::Thread& thread_;
};

// A password's hash takes a thousand times what all else does, and is made at a low priority.
struct StallDetectors {
  StallDetector workers;
  StallDetector passwords;
};

}  // namespace gateway
