#include "gateway/monitor/control_commands.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

#include "auth/base/json.h"
#include "gateway/admin/operations/closing.h"
#include "gateway/callout/throttle.h"
#include "gateway/monitor/health.h"
#include "gateway/monitor/status.h"
#include "gateway/sessions/session_enforcer.h"

namespace gateway {
namespace {

nlohmann::ordered_json failures_json(const Throttle::Failures& one) {
  nlohmann::ordered_json json = {{"source", one.source}};
  if (one.login) json["login"] = *one.login;
  json.update({{"failures", one.count},
               {"refused", one.refused},
               {"wait", std::chrono::ceil<std::chrono::seconds>(one.wait).count()}});
  return json;
}

nlohmann::ordered_json list_throttled(const Throttle& throttle) {
  const auto list = throttle.list();
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < std::min(list.size(), kMaxFailures); ++i)
    rows.push_back(failures_json(list[i]));
  return {{"failures", std::move(rows)}, {"all", list.size()}};
}

nlohmann::ordered_json closing_json(const nlohmann::json& question, const DaemonView& view) {
  const auto sequence = auth::integer_at(question, "sequence");
  const std::string credential = auth::string_at(question, "credential");
  if (credential.empty() || !sequence || *sequence < 0)
    throw std::runtime_error("`credential` must be an id, and `sequence` a number");
  if (view.enforcer == nullptr) return {{"system", false}};
  const ClosingReport report =
      view.enforcer->closing(credential, static_cast<std::uint64_t>(*sequence));
  return {{"system", true},
          {"connected", report.connected},
          {"done", report.is.done},
          {"settled", report.is.settled},
          {"closed", report.is.closed},
          {"open", report.is.open},
          {"unanswered", write_unanswered(report.is.silent)}};
}

nlohmann::ordered_json clear_throttled(const nlohmann::json& question, Throttle& throttle) {
  if (!question.contains("sources")) return {{"cleared", throttle.clear(std::nullopt)}};
  const auto sources = auth::read_cidr(auth::string_at(question, "sources"));
  if (!sources) throw std::runtime_error("`sources` must be an address or an address range");
  return {{"cleared", throttle.clear(sources)}};
}

}  // namespace

nlohmann::ordered_json answer_control(const nlohmann::json& question, const DaemonView& view,
                                      Throttle& throttle) {
  const std::string ask = auth::string_at(question, "ask");
  if (ask == "status") return write_status(view);
  nlohmann::ordered_json answer = {{"instance", view.instance}};
  if (ask == "throttle") {
    answer.update(list_throttled(throttle));
  } else if (ask == "throttle_clear") {
    answer.update(clear_throttled(question, throttle));
  } else if (ask == "closing") {
    answer.update(closing_json(question, view));
  } else {
    throw std::runtime_error("\"ask\" must be status, throttle, throttle_clear or closing");
  }
  return answer;
}

}  // namespace gateway
