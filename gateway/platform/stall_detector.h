#pragma once
// Whether the threads that decide still get on: each says when it begins with a piece of work, and
// when it is done with it.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <list>
#include <mutex>

namespace gateway {

// Thread-safe.
class StallDetector {
 public:
  using Clock = std::chrono::steady_clock;

  // One thread's, for as long as it runs. Not thread-safe but against Beats.
  class Beat {
   public:
    explicit Beat(StallDetector& stalls) : stalls_(stalls) {
      const std::lock_guard lock{stalls_.mutex_};
      at_ = stalls_.since_.insert(stalls_.since_.end(), nullptr);
      *at_ = &since_;
    }
    ~Beat() {
      const std::lock_guard lock{stalls_.mutex_};
      stalls_.since_.erase(at_);
    }
    Beat(const Beat&) = delete;
    Beat& operator=(const Beat&) = delete;

    void begin() { since_ = Clock::now().time_since_epoch(); }
    void end() { since_ = Clock::duration::zero(); }

   private:
    StallDetector& stalls_;
    std::list<std::atomic<Clock::duration>*>::iterator at_;
    std::atomic<Clock::duration> since_ = Clock::duration::zero();  // zero: it has nothing to do
  };

  // How long the longest piece of work that is going on has taken so far.
  Clock::duration longest(Clock::time_point now = Clock::now()) const {
    const std::lock_guard lock{mutex_};
    auto longest = Clock::duration::zero();
    for (const auto* since : since_) {
      const Clock::duration began = *since;
      if (began != Clock::duration::zero()) {
        longest = std::max(longest, now.time_since_epoch() - began);
      }
    }
    return longest;
  }

 private:
  mutable std::mutex mutex_;
  std::list<std::atomic<Clock::duration>*> since_;
};

// A password's hash takes a thousand times what all else does, and is made at a low priority.
struct StallDetectors {
  StallDetector workers;
  StallDetector passwords;
};

}  // namespace gateway
