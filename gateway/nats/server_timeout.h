#pragma once
// How long nats-servers wait for the answer of a callout.

#include <atomic>
#include <chrono>
#include <cstdint>

namespace gateway {

// The longest timeout that any server has announced so far, in whole seconds; five until one has. A
// request older than this has been answered or given up. Thread-safe.
class ServerTimeout {
 public:
  void observe(std::chrono::seconds wait) {
    if (longest_ < wait.count()) longest_ = wait.count();
  }
  std::chrono::seconds longest() const { return std::chrono::seconds{longest_}; }

 private:
  std::atomic<std::int64_t> longest_ = 5;
};

}  // namespace gateway
