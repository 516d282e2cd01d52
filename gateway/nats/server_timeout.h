#pragma once
// How long nats-servers wait for an answer of the callout.

#include <atomic>
#include <chrono>
#include <cstdint>

namespace gateway {

// The longest wait that any server has asked for so far, in whole seconds: five until one has.
// After it, whatever was being decided has been answered. Thread-safe.
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
