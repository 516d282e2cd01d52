#pragma once
// The state of the running daemon, for metrics, health and `credgate status`.

#include <optional>
#include <string>
#include <vector>

#include "auth/base/time.h"
#include "gateway/callout/readiness.h"
#include "gateway/callout/recent_decisions.h"
#include "gateway/callout/throttle.h"
#include "gateway/config/current_config.h"
#include "gateway/monitor/head_state.h"
#include "gateway/monitor/reload_state.h"
#include "gateway/nats/connection_state.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/stall_detector.h"
#include "gateway/sessions/session_table.h"
#include "store/store.h"

namespace gateway {

class SessionEnforcer;

// Read-only references to what is shown. All of it is thread-safe, and must outlive this.
struct DaemonView {
  const CurrentConfig& config;
  std::string instance;
  auth::Time started;
  const Counters& counters;
  const ConnectionStates& connections;
  const store::Store& store;
  const StallDetectors& stalls;
  const RecentDecisions& recent;
  const SessionTable& sessions;
  const SessionEnforcer* enforcer = nullptr;  // null: nothing can be closed
  const Throttle& throttle;
  const ReloadState& reload;
  const HeadState& head;
  std::vector<std::string> master_keys{};  // their ids; secrets are stored under the first
  const Readiness* readiness = nullptr;    // null if the daemon makes no self-probes
};

// Which thread that decides is stuck, in words; absent while none is. Whoever watches may rely on
// it, and restart the daemon. That nats-server cannot be reached is not a reason to.
std::optional<std::string> stalled_worker(const DaemonView& view);

// Why clients cannot be let in, as far as is known; absent while they can: a stalled worker, no
// connection, or a probe that failed.
std::optional<std::string> why_not_ready(const DaemonView& view);

}  // namespace gateway
