#include "gateway/callout/rehasher.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {

Rehasher::Rehasher(store::Store& store)
    : store_(store), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Rehasher::rehash(std::string id, auth::Judge::Rehash rehash) {
  const std::lock_guard lock{mutex_};
  if (waiting_.size() >= kMost) return;
  waiting_.push_back({std::move(id), std::move(rehash)});
  changed_.notify_one();
}

// Whatever has changed in the record since then stands: only this one secret, if it is still there
// as it was, is replaced.
void Rehasher::work(const Waiting& waiting) {
  const store::Intent intent{.action = store::Action::rehash,
                             .actor = "credgate",
                             .at = now_in_seconds(),
                             .revision = {},
                             .reason = {}};
  const auto changed = store_.change(waiting.id, intent, [&](auth::Credential& credential) {
    const auto secret = std::ranges::find(credential.secrets, waiting.rehash.before);
    if (secret != credential.secrets.end()) *secret = waiting.rehash.after;
  });
  if (changed && changed->changed) {
    log(Level::info, "rehashed",
        {{"id", waiting.id}, {"scheme", std::string(name(waiting.rehash.after.scheme))}});
  }
}

void Rehasher::run(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    const Waiting waiting = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    try {
      work(waiting);
    } catch (const std::exception& fault) {
      log(Level::error, "fault", {{"error", fault.what()}});
    }
    lock.lock();
  }
}

}  // namespace gateway
