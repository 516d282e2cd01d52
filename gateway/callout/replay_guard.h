#pragma once
// Rejects a signature that has opened a connection before. Signatures are looked up on a thread of
// its own: an instance of this machine that is frozen while it holds LMDB's write lock must not
// keep the workers from letting others in.

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <future>
#include <optional>

#include "auth/deny.h"
#include "auth/nats/nkey.h"
#include "auth/sigv4/signature.h"
#include "gateway/platform/worker.h"
#include "store/replay_cache.h"

namespace gateway {

class ReplayGuard {
 public:
  // `directory`: where used signatures are kept. `open_now`: open the cache at once, rather than
  // with the first signature.
  ReplayGuard(std::filesystem::path directory, bool open_now);

  // Absent: the signature is used for the first time, and from here on it was. Deny: replayed;
  // overloaded, where that cannot be told in time; internal, where signatures cannot be kept, which
  // is logged. Thread-safe.
  // One request that reaches two instances is one use: `asker` is its `user_nkey`.
  std::optional<auth::Deny> consume(const auth::SigEvidence& evidence,
                                    const auth::PublicKey& asker);

 private:
  using Lookup = std::packaged_task<std::optional<auth::Deny>()>;
  std::optional<auth::Deny> look_up(const auth::SigEvidence& evidence,
                                    const auth::PublicKey& asker);
  void open();

  store::ReplayCache cache_;
  std::atomic<std::size_t> unanswered_ = 0;
  std::atomic<bool> stuck_ = false;  // somebody waited in vain, and nothing was answered since
  Worker<Lookup> worker_;
};

}  // namespace gateway
