#pragma once
// Uses signatures up (store/replay_cache.h) in a thread of its own: a process that is frozen
// while it holds LMDB's lock must not keep the workers from letting others in.

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "auth/deny.h"
#include "auth/sigv4/signature.h"
#include "store/replay_cache.h"

namespace gateway {

class ReplayGuard {
 public:
  // `directory`: where they are kept. `begin`: at once, and not with the first one.
  ReplayGuard(std::filesystem::path directory, bool begin);

  // Deny: replayed; overloaded, where it could not be told in time; internal, where they can't be
  // kept, which is logged. Thread-safe.
  std::optional<auth::Deny> consume(const auth::SigEvidence& evidence);

 private:
  struct RequestTask {
    auth::SigEvidence evidence;
    std::promise<std::optional<auth::Deny>> verdict;
  };
  void run(const std::stop_token& stop, bool begin);
  std::optional<auth::Deny> use(const auth::SigEvidence& evidence);

  store::ReplayCache used_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<RequestTask> waiting_;
  bool stuck_ = false;   // somebody waited in vain, and nothing was answered since
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace gateway
