#include "gateway/callout/usage_recorder.h"

#include <chrono>
#include <exception>
#include <span>
#include <utility>
#include <vector>

#include "gateway/platform/log.h"

namespace gateway {
namespace {

constexpr std::chrono::seconds kBatchInterval{5};

}  // namespace

UsageRecorder::UsageRecorder(store::Store& store, Count& lost)
    : store_(store), lost_(lost), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void UsageRecorder::add(const DecisionEvent& event) {
  if (!event.granted) return;
  const auto uses = uses_.lock();
  store::Usage& usage = (*uses)[event.id];
  ++usage.uses;
  usage.last_used_at = event.at;
  usage.last_used_from = event.source;
}

void UsageRecorder::write_batch() {
  std::vector<std::pair<std::string, store::Usage>> batch;
  {
    const auto uses = uses_.lock();
    batch.assign(uses->begin(), uses->end());
    uses->clear();
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
    pause_.wait(stop, kBatchInterval);
    write_batch();
  }
  write_batch();  // what was added while the last one was written
}

}  // namespace gateway
