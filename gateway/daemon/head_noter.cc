#include "gateway/daemon/head_noter.h"

#include <chrono>
#include <exception>

#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

constexpr std::chrono::seconds kInterval{1};

}  // namespace

HeadNoter::HeadNoter(store::Store& store, HeadState& state)
    : store_(store), state_(state), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void HeadNoter::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    note();
    pause_.wait(stop, kInterval);
  }
  note();
}

// Whoever restores an older copy while no daemon runs is told at the next start.
void HeadNoter::note() {
  try {
    store_.note_head();
    state_.noted();
  } catch (const store::Gone&) {
    // The daemon looks for that itself, and ends.
  } catch (const store::ReadOnly&) {
    // Nothing changes, and `store_read_only` tells of it.
  } catch (const std::exception& fault) {
    if (!state_.failed(fault.what(), now_in_seconds())) return;
    log(Level::error, "head_not_noted", {{"error", fault.what()}});
  }
}

}  // namespace gateway
