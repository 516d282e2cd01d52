#pragma once
// Stores secrets in their present form: under the current master key, as Argon2id. A decision never
// waits for a write, so it is done here, on another thread, and not at all while too many wait: the
// next login with that secret asks again.

#include <string>
#include <utility>

#include "auth/decision/judge.h"
#include "gateway/platform/worker.h"
#include "store/store.h"

namespace gateway {

class Rehasher {
 public:
  static constexpr std::size_t kMaxWaiting = 256;

  // Borrows its argument.
  explicit Rehasher(store::Store& store)
      : store_(store), worker_(kMaxWaiting, [this](const Task& task) { store_anew(task); }) {}

  // Thread-safe, and returns at once.
  void rehash(std::string id, auth::Judge::Rehash rehash) {
    worker_.push({std::move(id), std::move(rehash)});
  }

 private:
  struct Task {
    std::string id;
    auth::Judge::Rehash rehash;
  };
  void store_anew(const Task& task);

  store::Store& store_;
  Worker<Task> worker_;
};

}  // namespace gateway
