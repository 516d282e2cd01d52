#pragma once
// A value that is only accessible while its lock is held.
//
//   Locked<std::map<std::string, int>> counts;
//   counts.lock()->insert({"a", 1});            // locked to the end of the statement
//   auto held = counts.lock();                  // locked to the end of the scope
//   held.wait(changed, stop, [&] { return !held->empty(); });

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

namespace gateway {

// Thread-safe. A guard must not outlive its Locked.
template <class T>
class Locked {
 public:
  template <class U>
  class BasicGuard {
   public:
    U* operator->() const { return value_; }
    U& operator*() const { return *value_; }

    // Releases the lock and waits until `ready()`, which is called under the lock, or until the
    // stop. Returns ready().
    template <class Ready>
    bool wait(std::condition_variable_any& changed, const std::stop_token& stop, Ready ready) {
      return changed.wait(lock_, stop, std::move(ready));
    }
    // Waits at most until `then`.
    template <class Clock, class Duration, class Ready>
    bool wait_until(std::condition_variable_any& changed, const std::stop_token& stop,
                    std::chrono::time_point<Clock, Duration> then, Ready ready) {
      return changed.wait_until(lock_, stop, then, std::move(ready));
    }
    // Releases the lock around work that others need not wait for.
    void unlock() { lock_.unlock(); }
    void lock() { lock_.lock(); }

   private:
    friend class Locked;
    BasicGuard(std::mutex& mutex, U& value) : lock_(mutex), value_(&value) {}
    std::unique_lock<std::mutex> lock_;
    U* value_;
  };
  using Guard = BasicGuard<T>;
  using ConstGuard = BasicGuard<const T>;

  Locked() = default;
  explicit Locked(T value) : value_(std::move(value)) {}
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

  Guard lock() { return {mutex_, value_}; }
  ConstGuard lock() const { return {mutex_, value_}; }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace gateway
