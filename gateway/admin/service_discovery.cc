#include "gateway/admin/service_discovery.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "auth/base/time_format.h"
#include "gateway/admin/subjects.h"
#include "gateway/platform/counters.h"

namespace gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kDiscoveryPrefix = "$SRV.";
constexpr std::string_view kServiceName = "credgate";

Json endpoint(const char* name, const std::string& subject) {
  return {{"name", name}, {"subject", subject}, {"queue_group", "q"}};
}

const std::string kCredentials = std::string(kAdminPrefix) + ">";
const std::string kRoles = kRoleService;
const std::string kVerifications = kVerifySubject;
const std::string kCallouts = "$SYS.REQ.USER.AUTH";

}  // namespace

ServiceDiscovery::ServiceDiscovery(std::string id, std::string store_id, const Counters& counters,
                                   auth::Time started)
    : id_(std::move(id)), store_id_(std::move(store_id)), counters_(counters), started_(started) {}

void ServiceDiscovery::count(std::string_view subject, std::chrono::nanoseconds took,
                             const std::string& error) {
  const std::lock_guard lock{mutex_};
  Requests& requests = subject.starts_with(kRolePrefix) ? roles_ : credentials_;
  ++requests.count;
  requests.time += took;
  if (error.empty()) return;
  ++requests.errors;
  requests.last_error = error;
}

Json ServiceDiscovery::statistics(const Requests& of) {
  const std::int64_t average =
      of.count == 0 ? 0 : of.time.count() / static_cast<std::int64_t>(of.count);
  return {{"num_requests", of.count},
          {"num_errors", of.errors},
          {"last_error", of.last_error},
          {"processing_time", of.time.count()},
          {"average_processing_time", average}};
}

std::optional<std::string> ServiceDiscovery::answer(std::string_view subject) const {
  if (!subject.starts_with(kDiscoveryPrefix)) return std::nullopt;
  subject.remove_prefix(kDiscoveryPrefix.size());
  const std::string_view verb = subject.substr(0, subject.find('.'));
  subject.remove_prefix(verb.size());
  const std::string of_all = "." + std::string(kServiceName);
  if (!subject.empty() && subject != of_all && subject != of_all + "." + id_) return std::nullopt;

  Json json = {{"name", kServiceName},
               {"id", id_},
               {"version", CREDGATE_VERSION},
               {"metadata", {{"store_id", store_id_}}}};
  if (verb == "PING") {
    json["type"] = "io.nats.micro.v1.ping_response";
    return json.dump();
  }
  Json credentials = endpoint("credentials", kCredentials);
  Json roles = endpoint("roles", kRoles);
  Json verifications = endpoint("sigv4", kVerifications);
  Json callouts = endpoint("callout", kCallouts);
  if (verb == "INFO") {
    json["type"] = "io.nats.micro.v1.info_response";
    json["description"] =
        "manages who may connect to these NATS servers, and what they may do there";
    for (Json* each : {&credentials, &roles, &verifications, &callouts})
      (*each)["metadata"] = Json::object();
  } else if (verb == "STATS") {
    json["type"] = "io.nats.micro.v1.stats_response";
    json["started"] = auth::write_time(started_);
    const std::lock_guard lock{mutex_};
    credentials.update(statistics(credentials_));
    roles.update(statistics(roles_));
    const std::uint64_t verified = counters_.sigv4_verified();
    const auto took = static_cast<std::uint64_t>(counters_.sigv4.seconds() * 1e9);
    verifications.update({{"num_requests", verified},
                          {"num_errors", 0},
                          {"last_error", ""},
                          {"processing_time", took},
                          {"average_processing_time", verified == 0 ? 0 : took / verified}});
    callouts.update({{"num_requests", counters_.granted() + counters_.denied()},
                     {"num_errors", counters_.faults.load()},
                     {"last_error", ""},
                     {"processing_time", 0},
                     {"average_processing_time", 0},
                     {"data",
                      {{"store_id", store_id_},
                       {"granted", counters_.granted()},
                       {"denied", counters_.denied()},
                       {"kicked", counters_.kicked.load()}}}});
  } else {
    return std::nullopt;
  }
  json["endpoints"] = {std::move(credentials), std::move(roles), std::move(verifications),
                       std::move(callouts)};
  return json.dump();
}

}  // namespace gateway
