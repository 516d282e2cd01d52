#include "gateway/callout/decision_event.h"

#include "gateway/platform/log.h"

namespace gateway {

void log_decision(const DecisionEvent& event, const std::string& microseconds) {
  void (*write)(Level, std::string_view, std::initializer_list<Field>) = log;
  if (!event.granted) write = log_limited;
  write(Level::info, event.granted ? "granted" : "denied",
        {{"reason", event.reason},
         {"detail", event.detail},
         {"id", event.id},
         {"name", event.name},
         {"account", event.account},
         {"source", event.source},
         {"type", event.type},
         {"client", event.client},
         {"server", event.server},
         {"cid", event.cid == 0 ? "" : std::to_string(event.cid)},
         {"us", microseconds}});
}

}  // namespace gateway
