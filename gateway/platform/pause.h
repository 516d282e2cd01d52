#pragma once
// A wait between two rounds of a thread's work, which a stop or another thread can end.

#include <chrono>
#include <condition_variable>
#include <stop_token>
#include <utility>

#include "gateway/platform/locked.h"

namespace gateway {

// Thread-safe.
class Pause {
 public:
  // Returns after `duration`, at a stop, or if wake() was called since the last wait.
  void wait(const std::stop_token& stop, std::chrono::nanoseconds duration) {
    auto woken = woken_.lock();
    woken.wait_until(changed_, stop, std::chrono::steady_clock::now() + duration,
                     [&] { return *woken; });
    *woken = false;
  }
  void wake() {
    *woken_.lock() = true;
    changed_.notify_all();
  }

 private:
  std::condition_variable_any changed_;
  Locked<bool> woken_{false};
};

}  // namespace gateway
