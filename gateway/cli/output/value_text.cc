#include "gateway/cli/output/value_text.h"

#include <chrono>
#include <vector>

#include "auth/base/json.h"
#include "auth/base/text.h"
#include "auth/base/time_format.h"
#include "gateway/cli/output/text_layout.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string text_in(const Json& object, const char* member) {
  const auto at = object.find(member);
  return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

// "argon2id of alice, made 2026-11-28T20:00:00Z, valid until 2026-11-29T20:00:00Z"
std::string secret_text(const Json& secret) {
  std::string text = text_in(secret, "scheme");
  const std::string login = text_in(secret, "login");
  const std::string key = text_in(secret, "key_id");
  const std::string end = text_in(secret, "expires_at");
  if (!login.empty()) text += " of " + login;
  if (!key.empty()) text += " under master key " + key;
  text += ", made " + text_in(secret, "created_at");
  return text + (end.empty() ? "" : ", valid until " + end);
}

// "publish allow a.>, b; subscribe deny c; 5 replies within 30s"
std::string permissions_text(const Json& permissions) {
  std::vector<std::string> parts;
  for (const char* verb : {"publish", "subscribe"}) {
    for (const char* side : {"allow", "deny"}) {
      const Json& subjects = permissions.at(verb).at(side);
      if (subjects.empty()) continue;
      parts.push_back(std::string(verb) + " " + side + " " +
                      auth::join(subjects, ", ",
                                 [](const Json& subject) { return subject.get<std::string>(); }));
    }
  }
  const Json& responses = permissions.value("responses", Json());
  if (responses.is_object()) {
    parts.push_back(responses.at("max").dump() + " replies within " + responses.at("ttl").dump() +
                    " s");
  }
  return parts.empty() ? "none" : auth::join(parts, "; ");
}

std::string item_text(const Json& item) {
  if (item.is_string()) return item.get<std::string>();
  if (item.is_object() && item.contains("scheme")) return secret_text(item);
  const bool permissions =
      item.is_object() && item.contains("publish") && item.contains("subscribe");
  return permissions ? permissions_text(item) : auth::write_line(item);
}

bool of_objects(const Json& list) {
  return !list.empty() && list.front().is_object();
}

}  // namespace

std::string value_text(const std::string& field, const Json& value) {
  if (field == "max_sessions" && value == 0) return "unlimited";
  if (field == "session_ttl" && value.is_null()) return "unlimited";
  if (field == "session_ttl" && value.is_number_unsigned())
    return auth::write_duration(std::chrono::seconds{value.get<std::uint64_t>()});
  if (value.is_null()) return field == "expires_at" || field == "last_used_at" ? "never" : "none";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.empty() || value == "") return "none";
  if (value.is_array())
    return without_controls(auth::join(value, of_objects(value) ? "; " : ", ", item_text));
  return without_controls(item_text(value));
}

bool says_nothing(const std::string& field, const Json& value) {
  for (const char* limit : {"max_sessions", "session_ttl", "expires_at", "last_used_at"}) {
    if (field == limit) return false;
  }
  return value.is_null() || value == false || value == "" || value.empty();
}

}  // namespace gateway::cli
