#include "gateway/callout/decision_event.h"

#include "gateway/platform/log.h"

namespace gateway {

void log_decision_event(const DecisionEvent& decided, const std::string& microseconds) {
  log(Level::info, decided.granted ? "granted" : "denied",
      {{"reason", decided.reason},
       {"id", decided.id},
       {"name", decided.name},
       {"account", decided.account},
       {"source", decided.source},
       {"type", decided.type},
       {"client", decided.client},
       {"server", decided.server},
       {"cid", decided.cid == 0 ? "" : std::to_string(decided.cid)},
       {"us", microseconds}});
}

}  // namespace gateway
