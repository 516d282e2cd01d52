#include "gateway/callout/usage_recorder.h"

#include <chrono>
#include <exception>
#include <span>
#include <utility>
#include <vector>

#include "gateway/platform/log.h"

namespace gateway {
namespace {

constexpr std::chrono::seconds kBatch{5};

}  // namespace

UsageRecorder::UsageRecorder(store::Store& store, Count& lost)
    : store_(store), lost_(lost), thread_([this](const std::stop_token& stop) { run(stop); }) {}

UsageRecorder::~UsageRecorder() {
  thread_.request_stop();
}

void UsageRecorder::note(const DecisionEvent& decided) {
  if (!decided.granted) return;
  const std::lock_guard lock{mutex_};
  store::Usage& usage = noted_[decided.id];
  ++usage.uses;
  usage.last_used_at = decided.at;
  usage.last_used_from = decided.source;
}

void UsageRecorder::write_all() {
  std::vector<std::pair<std::string, store::Usage>> batch;
  {
    const std::lock_guard lock{mutex_};
    batch.assign(noted_.begin(), noted_.end());
    noted_.clear();
  }
  try {
    for (std::span<const std::pair<std::string, store::Usage>> left = batch; !left.empty();)
      left = left.subspan(store_.add_uses(left));
    failed_ = false;
  } catch (const std::exception& fault) {
    if (!failed_) log(Level::error, "usage_lost", {{"error", fault.what()}});
    failed_ = true;
    ++lost_;
  }
}

void UsageRecorder::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock{mutex_};
      changed_.wait_for(lock, stop, kBatch, [] { return false; });
    }
    write_all();
  }
}

}  // namespace gateway
