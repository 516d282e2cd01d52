#pragma once
// How the running daemon is, for those who ask: metrics, health, `credgate status`.

#include <optional>
#include <string>

#include "gateway/callout/decision_event.h"
#include "gateway/callout/self_probe.h"
#include "gateway/callout/throttle.h"
#include "gateway/config/config.h"
#include "gateway/nats/connection_state.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/stall_detector.h"
#include "gateway/sessions/session_table.h"
#include "store/store.h"

namespace gateway {

// All that is read for it. Everything outlives this, and is thread-safe.
struct DaemonView {
  const Config& config;  // as the daemon began with it
  std::string instance;
  auth::Time started;
  const Counters& counters;
  const ConnectionStates& connections;
  const store::Store& store;
  const StallDetectors& stalls;
  const RecentDecisions& recent;
  const SessionTable& sessions;
  const Throttle& throttle;
  const Readiness* readiness = nullptr;  // null where the daemon makes no probes
};

// Absent while the threads that decide get on: whoever watches may rely on it, and restart the
// daemon else. That nats-server cannot be reached is no such reason.
std::optional<std::string> stalled_worker(const DaemonView& view);

// The same, the connection and the probes. Absent while clients can be let in, as far as is known.
std::optional<std::string> why_not_ready(const DaemonView& view);

}  // namespace gateway
