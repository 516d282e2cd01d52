#include "gateway/monitor/status.h"

#include <chrono>

#include <unistd.h>

#include "auth/base/time_format.h"
#include "gateway/monitor/health.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

nlohmann::ordered_json connection_json(const ConnectionState& link) {
  const ConnectionState::Is is = link.get();
  nlohmann::ordered_json json = {{"up", is.up}, {"server", is.server}};
  // Until it was first tried there is nothing to tell.
  json["since"] = is.since == auth::Time{} ? nlohmann::ordered_json{}
                                           : nlohmann::ordered_json(auth::write_time(is.since));
  return json;
}

nlohmann::ordered_json links_json(const LinkTable& links) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const LinkState& link : links.states()) {
    json.push_back({{"url", link.url}, {"server_id", link.server_id}, {"up", link.up}});
    json.back()["since"] = link.since == auth::Time{}
                               ? nlohmann::ordered_json{}
                               : nlohmann::ordered_json(auth::write_time(link.since));
    if (!link.error.empty()) json.back()["error"] = link.error;
  }
  return json;
}

nlohmann::ordered_json connections_json(const ConnectionStates& states, const Config& config) {
  nlohmann::ordered_json json = {{"callout", connection_json(states.callout)}};
  json["callout"]["links"] = links_json(states.callout_links);
  if (config.has_system) {
    json["system"] = connection_json(states.system);
    json["system"]["links"] = links_json(states.system_links);
  }
  if (!config.admin_account.empty()) json["admin"] = connection_json(states.admin);
  return json;
}

template <class Reason, class Counts, class Value>
nlohmann::ordered_json by_reason(const Counts& counts, const Value& value) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::uint64_t n = value(counts.at(i));
    if (n != 0) json[std::string(name(static_cast<Reason>(i)))] = n;
  }
  return json;
}

nlohmann::ordered_json decision_json(const DecisionEvent& event) {
  nlohmann::ordered_json json = {{"at", auth::write_time(event.at)}};
  if (!event.granted) json["reason"] = event.reason;
  if (!event.detail.empty()) json["detail"] = event.detail;
  for_each_field(event, [&](const char* name, const auto& value) { json[name] = value; });
  return json;
}

nlohmann::ordered_json list_json(const std::deque<DecisionEvent>& list) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const DecisionEvent& event : list)
    json.push_back(decision_json(event));
  return json;
}

nlohmann::ordered_json store_json(const DaemonView& view) {
  nlohmann::ordered_json json = {{"dir", view.config.load()->store.directory.string()}};
  try {
    const store::Totals totals = view.store.totals();
    const auto space = view.store.space();
    json.update({{"id", totals.store_id},
                 {"active", totals.active},
                 {"suspended", totals.suspended},
                 {"revoked", totals.revoked},
                 {"sequence", totals.sequence},
                 {"used_bytes", space.used_bytes},
                 {"map_bytes", space.map_bytes},
                 {"left_bytes", space.left_bytes},
                 {"readers", space.readers}});
    if (const std::string why = view.store.why_read_only(); !why.empty()) json["read_only"] = why;
    const HeadState::Is head = view.head.get();
    if (!head.error.empty()) {
      json["head_not_noted"] = {{"error", head.error}, {"since", auth::write_time(head.since)}};
    }
  } catch (const store::Fault& fault) {
    json["error"] = fault.what();
  }
  return json;
}

nlohmann::ordered_json decisions_json(const Counters& counters) {
  const auto load = [](const Count& count) { return count.load(); };
  return {{"granted", counters.granted()},
          {"denied", by_reason<auth::Deny>(counters.denied_for, Counters::sum)},
          {"dropped", by_reason<auth::Drop>(counters.dropped, load)},
          {"server_refused", by_reason<auth::ServerRefusal>(counters.server_refused, load)},
          {"faults", counters.faults.load()},
          {"late", counters.late.load()},
          {"overload_drops", counters.overload_drops()},
          {"kicked", counters.kicked.load()}};
}

}  // namespace

nlohmann::ordered_json write_status(const DaemonView& view) {
  const auto config = view.config.load();
  const Counters& counters = view.counters;
  nlohmann::ordered_json json = {
      {"instance", view.instance},
      {"version", CREDGATE_VERSION},
      {"pid", getpid()},
      {"started_at", auth::write_time(view.started)},
      {"config", config->file.string()},
      {"master_key", view.master_keys.empty() ? "" : view.master_keys.front()},
      {"master_keys", view.master_keys}};
  const auto stuck = stalled_worker(view);
  json["healthy"] = !stuck;
  if (stuck) json["stuck"] = *stuck;
  const auto not_ready = why_not_ready(view);
  json["ready"] = !not_ready;
  if (not_ready) json["not_ready"] = *not_ready;
  json["probes"] = view.readiness != nullptr;
  if (const auto reload = view.reload.sentence(); !reload.empty()) json["reload"] = reload;
  if (const std::uint64_t lost = log_lines_lost(); lost != 0) json["log_lines_lost"] = lost;
  if (view.readiness != nullptr) json["refused_accounts"] = view.readiness->refused();
  json["connections"] = connections_json(view.connections, *config);
  json["decisions"] = decisions_json(counters);
  json["waiting"] = {
      {"requests", counters.requests_waiting.load()},
      {"passwords", counters.passwords_waiting.load()},
      {"longest_ms",
       std::chrono::floor<std::chrono::milliseconds>(view.stalls.workers.longest()).count()}};
  const Throttle::Refused throttled = view.throttle.refused();
  json["throttled"] = {{"sources", throttled.sources}, {"logins", throttled.logins}};
  json["sessions"] = view.sessions.size();
  json["store"] = store_json(view);
  json["recent"] = {{"granted", list_json(view.recent.granted())},
                    {"denied", list_json(view.recent.denied())}};
  return json;
}

}  // namespace gateway
