#pragma once
// Of what has been told within the last second, so that a flood of one thing is one line a second.

#include <chrono>
#include <map>

#include "gateway/platform/locked.h"

namespace gateway {

// Thread-safe. Keeps what was told within the last second.
class ToldLately {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kInterval{1};

  // Whether to tell of it now. `what`: an address by which it is known, never followed.
  bool first(const void* what, Clock::time_point now = Clock::now()) {
    const auto told = told_.lock();
    std::erase_if(*told, [now](const auto& one) { return now - one.second >= kInterval; });
    return told->try_emplace(what, now).second;
  }

 private:
  Locked<std::map<const void*, Clock::time_point>> told_;
};

}  // namespace gateway
