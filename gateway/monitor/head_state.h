#pragma once
// Why the store's newest head is not noted in `store.head_dir`, and since when. Thread-safe.

#include <mutex>
#include <string>
#include <utility>

#include "auth/base/time.h"

namespace gateway {

class HeadState {
 public:
  struct Is {
    std::string error;  // empty: it is noted, or was not tried yet
    auth::Time since{};
  };

  void noted() { set("", {}); }
  // Gives whether this is another error than the last one.
  bool failed(std::string error, auth::Time now) { return set(std::move(error), now); }
  Is get() const {
    const std::lock_guard lock{mutex_};
    return is_;
  }

 private:
  bool set(std::string error, auth::Time now) {
    const std::lock_guard lock{mutex_};
    if (is_.error == error) return false;
    // It lags since the first of them.
    is_ = {std::move(error), is_.error.empty() ? now : is_.since};
    return true;
  }

  mutable std::mutex mutex_;
  Is is_;
};

}  // namespace gateway
