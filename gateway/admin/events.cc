#include "gateway/admin/events.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "auth/base/json.h"
#include "auth/base/time_format.h"
#include "gateway/admin/subjects.h"
#include "gateway/callout/decision_event.h"

namespace gateway {
namespace {

using Json = nlohmann::ordered_json;

std::string written(const Json& event) {
  // Names of clients are other people's bytes.
  return auth::write_line(event);
}

std::string subject_of(std::string_view type) {
  return std::string(kEventPrefix) + std::string(type);
}

// "role.create" for `create_role`.
std::string type_of(store::Action action) {
  constexpr std::string_view kOfRole = "_role";
  const std::string_view word = store::name(action);
  if (!word.ends_with(kOfRole)) return "credential." + std::string(word);
  return "role." + std::string(word.substr(0, word.size() - kOfRole.size()));
}

}  // namespace

Event change_event(const store::Entry& entry, std::string_view store_id) {
  const std::string type = type_of(entry.action);
  Json fields = Json::array();
  // The journal names a member: "permissions.publish.allow".
  for (const auto& change : entry.fields) {
    const std::string field = change.field.substr(0, change.field.find('.'));
    if (fields.empty() || fields.back() != field) fields.push_back(field);
  }
  return {.subject = subject_of(type),
          .data = written({{"type", type},
                           {"store_id", store_id},
                           {"sequence", entry.sequence},
                           {"at", auth::write_time(entry.at)},
                           {"actor", entry.actor},
                           {"id", entry.id},
                           {"revision", entry.revision},
                           {"fields", fields},
                           {"reason", entry.reason}})};
}

bool DecisionEvents::add(const DecisionEvent& event, Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  Bucket& bucket = event.granted ? granted_ : denied_;
  const std::chrono::duration<double> passed = now - bucket.filled;
  bucket.tokens = std::min(kBurst, bucket.tokens + passed.count() * kPerSecond);
  bucket.filled = now;
  if (bucket.tokens < 1) {
    ++bucket.dropped;
    return false;
  }
  bucket.tokens -= 1;
  const char* type = event.granted ? "granted" : "denied";
  Json json = {{"type", type}, {"store_id", store_id_}, {"at", auth::write_time(event.at)}};
  for_each_field(event, [&](std::string_view name, const auto& value) {
    json[name == "type" ? "connection_type" : std::string(name)] = value;
  });
  json["dropped_before"] = bucket.dropped;
  if (!event.granted) json["reason"] = event.reason;
  if (!event.detail.empty()) json["detail"] = event.detail;
  bucket.dropped = 0;
  waiting_.push_back({.subject = subject_of(type), .data = written(json)});
  while (waiting_.size() > static_cast<std::size_t>(kBurst * 2))
    waiting_.pop_front();  // nobody is connected who could publish them
  return true;
}

std::deque<Event> DecisionEvents::take() {
  const std::lock_guard lock{mutex_};
  return std::exchange(waiting_, {});
}

}  // namespace gateway
