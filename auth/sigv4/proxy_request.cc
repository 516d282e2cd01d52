#include "auth/sigv4/proxy_request.h"

#include <algorithm>
#include <utility>

#include "auth/base/base64.h"
#include "auth/base/ip_range.h"
#include "auth/base/json.h"
#include "auth/base/json_object.h"
#include "auth/base/text.h"
#include "auth/sigv4/canonical.h"

namespace auth {
namespace {

constexpr const char* kPayload = "must be the body in base64 with padding";

void read_headers(JsonObject& members, HttpHead& head) {
  members.take("headers", "must be an array of pairs: [[\"Host\", \"sqs.example.com\"], …]",
               [&](const Json& value) {
                 if (!value.is_array()) return false;
                 for (const Json& pair : value) {
                   if (!pair.is_array() || pair.size() != 2) return false;
                   if (!pair[0].is_string() || !pair[1].is_string()) return false;
                   head.headers.emplace_back(pair[0].get_ref<const std::string&>(),
                                             pair[1].get_ref<const std::string&>());
                 }
                 return true;
               });
}

std::optional<std::string> sha256_of_base64(const std::string& text) {
  const auto body = read_base64(text);
  return body ? std::optional{sha256_hex(text_of(*body))} : std::nullopt;
}

// What must be there: absent, it would be taken for an empty one.
void demand(const Json& object, JsonObject& members) {
  for (const char* name : {"method", "path", "headers", "service", "region"}) {
    if (member(object, name).is_null()) members.complain(name, "is missing");
  }
  if (object.contains("payload_sha256") == object.contains("payload_base64")) {
    members.complain("payload_sha256", "must be given, or else payload_base64, but not both");
  }
}

}  // namespace

Result<SigV4Request, Invalid> read_sigv4_request(std::string_view json) {
  std::string twice;
  const auto object = read_json_object(json, twice);
  if (!object) return Invalid{"", "must be a JSON object"};
  if (!twice.empty()) return Invalid{twice, "is given twice"};
  std::optional<Invalid> wrong;
  SigV4Request request;
  JsonObject members{*object, "", wrong};
  demand(*object, members);
  members.string("method", request.head.method);
  members.string("path", request.head.path);
  members.string("query", request.head.query);
  read_headers(members, request.head);
  members.string("payload_sha256", request.head.payload_sha256);
  members.string("payload_base64", kPayload, request.head.payload_sha256, sha256_of_base64);
  members.string("service", request.service);
  members.string("region", request.region);
  members.string("source", "must be the client's address: 192.0.2.7 or 2001:db8::7", request.source,
                 [](const std::string& text) {
                   return read_address(text) ? std::optional{text} : std::nullopt;
                 });
  members.finish();
  // Without a region any would do.
  if (!wrong && (request.service.empty() || request.region.empty())) {
    return Invalid{request.service.empty() ? "service" : "region", "must not be empty"};
  }
  if (wrong) return *wrong;
  return request;
}

std::optional<std::string> header_of(const HttpHead& head, std::string_view name) {
  std::optional<std::string> found;
  for (const auto& [key, value] : head.headers) {
    if (lower_case(key) != name) continue;
    if (found) return std::nullopt;
    found = folded(value);
  }
  return found;
}

}  // namespace auth
