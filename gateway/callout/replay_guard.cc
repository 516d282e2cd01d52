#include "gateway/callout/replay_guard.h"

#include <chrono>
#include <ctime>
#include <exception>
#include <memory>
#include <utility>

#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

// Each takes some microseconds. A second is what a dead process leaves the kernel to clean up.
constexpr auto kLookupTimeout = 1s;
constexpr std::size_t kMaxWaiting = 1024;

store::ClockReading both_clocks() {
  timespec since_boot{};
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return {.now = now_in_seconds(), .since_boot = std::chrono::seconds{since_boot.tv_sec}};
}

}  // namespace

// A second more than what may be dated ahead: the clock is read in whole ones.
ReplayGuard::ReplayGuard(std::filesystem::path directory, bool open_now)
    : cache_(std::move(directory), auth::kMaxAhead + auth::kSigV4Skew + 1s),
      worker_(kMaxWaiting, [](Lookup& lookup) { lookup(); }) {
  if (!open_now) return;
  worker_.push(Lookup{[this] {
    open();
    return std::nullopt;
  }});
}

std::optional<auth::Deny> ReplayGuard::consume(const auth::SigEvidence& evidence,
                                               const auth::PublicKey& asker) {
  // One worker waits to learn that it goes on; the others have logins to decide.
  if (stuck_ && unanswered_ > 0) return auth::Deny::overloaded;
  // Counts from here until the look-up is answered or dropped, however that ends.
  ++unanswered_;
  const std::shared_ptr<void> counted{nullptr, [this](void*) { --unanswered_; }};
  Lookup lookup{[this, evidence, asker, counted] { return look_up(evidence, asker); }};
  auto verdict = lookup.get_future();
  if (!worker_.push(std::move(lookup))) return auth::Deny::overloaded;
  if (verdict.wait_for(kLookupTimeout) == std::future_status::ready) return verdict.get();
  stuck_ = true;
  return auth::Deny::overloaded;
}

std::optional<auth::Deny> ReplayGuard::look_up(const auth::SigEvidence& evidence,
                                               const auth::PublicKey& asker) {
  std::optional<auth::Deny> deny;
  try {
    if (!cache_.use(evidence.signature, asker.bytes, valid_until(evidence), both_clocks())) {
      deny = auth::Deny::replayed;
    }
  } catch (const std::exception& fault) {
    log(Level::error, "fault", {{"error", fault.what()}});
    deny = auth::Deny::internal;
  }
  stuck_ = false;
  return deny;
}

void ReplayGuard::open() {
  try {
    cache_.open(both_clocks());
  } catch (const std::exception& fault) {
    log(Level::error, "fault", {{"error", fault.what()}});
  }
}

}  // namespace gateway
