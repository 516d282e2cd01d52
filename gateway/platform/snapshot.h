#pragma once
// A value that can be replaced as a whole while other threads read it.

#include <memory>
#include <utility>

#include "gateway/platform/locked.h"

namespace gateway {

// Thread-safe. Not std::atomic<std::shared_ptr>: that of GCC 12 reads the pointer without ordering
// the read before the next store.
template <class T>
class Snapshot {
 public:
  using Value = std::shared_ptr<const T>;

  Snapshot() = default;
  explicit Snapshot(Value value) : value_(std::move(value)) {}
  ~Snapshot() = default;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  Value load() const { return *value_.lock(); }
  // What it held before ends outside the lock.
  void store(Value value) { value_.lock()->swap(value); }

 private:
  Locked<Value> value_;
};

}  // namespace gateway
