#pragma once
// Stores secrets in their present form: under the current master key, as Argon2id. A decision never
// waits for a write, so it is done here, later, and not at all while too many wait: the next login
// with that secret asks again.

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "auth/decision/judge.h"
#include "store/store.h"

namespace gateway {

class Rehasher {
 public:
  // `store` must outlive this.
  explicit Rehasher(store::Store& store);

  // Thread-safe, and returns at once.
  void rehash(std::string id, auth::Judge::Rehash rehash);

  static constexpr std::size_t kMost = 256;

 private:
  struct Waiting {
    std::string id;
    auth::Judge::Rehash rehash;
  };
  void run(const std::stop_token& stop);
  void work(const Waiting& waiting);

  store::Store& store_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Waiting> waiting_;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace gateway
