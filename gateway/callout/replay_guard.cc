#include "gateway/callout/replay_guard.h"

#include <chrono>
#include <ctime>
#include <utility>

#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

// Each takes some microseconds. A second is what a dead process leaves the kernel to clean up.
constexpr auto kPatience = 1s;
constexpr std::size_t kMost = 1024;

store::ClockReading this_moment() {
  timespec since_boot{};
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return {.now = now_in_seconds(), .since_boot = std::chrono::seconds{since_boot.tv_sec}};
}

}  // namespace

// A second more than what may be dated ahead: the clock is read in whole ones.
ReplayGuard::ReplayGuard(std::filesystem::path directory, bool begin)
    : used_(std::move(directory), auth::kMostAhead + auth::kSigV4Skew + 1s),
      thread_([this, begin](const std::stop_token& stop) { run(stop, begin); }) {}

std::optional<auth::Deny> ReplayGuard::consume(const auth::SigEvidence& evidence) {
  std::future<std::optional<auth::Deny>> verdict;
  {
    const std::lock_guard lock{mutex_};
    // One worker waits to learn that it goes on; the others have logins to decide.
    if ((stuck_ && !waiting_.empty()) || waiting_.size() >= kMost) return auth::Deny::overloaded;
    waiting_.push_back({evidence, {}});
    verdict = waiting_.back().verdict.get_future();
    changed_.notify_one();
  }
  if (verdict.wait_for(kPatience) == std::future_status::ready) return verdict.get();
  const std::lock_guard lock{mutex_};
  stuck_ = true;
  return auth::Deny::overloaded;
}

std::optional<auth::Deny> ReplayGuard::use(const auth::SigEvidence& evidence) {
  try {
    if (used_.use(evidence.signature, valid_until(evidence), this_moment())) return std::nullopt;
    return auth::Deny::replayed;
  } catch (const std::exception& fault) {
    log(Level::error, "fault", {{"error", fault.what()}});
    return auth::Deny::internal;
  }
}

void ReplayGuard::run(const std::stop_token& stop, bool begin) {
  try {
    if (begin) used_.open(this_moment());
  } catch (const std::exception& fault) {
    log(Level::error, "fault", {{"error", fault.what()}});
  }
  std::unique_lock lock{mutex_};
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    // It stays in the queue while it is done: so many wait.
    const auth::SigEvidence evidence = waiting_.front().evidence;
    lock.unlock();
    const auto verdict = use(evidence);
    lock.lock();
    waiting_.front().verdict.set_value(verdict);
    waiting_.pop_front();
    stuck_ = false;
  }
}

}  // namespace gateway
