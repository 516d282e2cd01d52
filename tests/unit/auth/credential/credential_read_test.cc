#include "auth/credential/credential_read.h"

#include <nlohmann/json.hpp>

#include "auth/base/base64.h"
#include "auth/credential/credential_json.h"
#include "tests/support/catch.h"
#include "tests/support/make_credential.h"

namespace auth {
namespace {

using Json = nlohmann::json;

// What `export --with-hashes` writes.
Json exported(const Credential& c) {
  Json json = Json::parse(write_json(c).dump());
  for (const char* own : {"revision", "created_at", "created_by", "updated_at", "updated_by",
                          "revoked_at", "revoked_by", "revoke_reason"}) {
    json.erase(own);
  }
  for (std::size_t i = 0; i < c.secrets.size(); ++i) {
    if (c.secrets[i].hash) json["secrets"][i]["hash"] = write_base64url(*c.secrets[i].hash);
    if (!c.secrets[i].password_hash.empty()) {
      json["secrets"][i]["password_hash"] = c.secrets[i].password_hash;
    }
    if (!c.secrets[i].sealed.empty()) {
      json["secrets"][i]["sealed"] = write_base64url(bytes_of(c.secrets[i].sealed));
    }
  }
  return json;
}

TEST_CASE("credential_read: every field that people set is read back as it was written",
          "[credential]") {
  const Credential full = made::full_credential();
  Credential read;
  read.revision = full.revision;
  read.created_at = full.created_at;
  read.created_by = full.created_by;
  read.updated_at = full.updated_at;
  read.updated_by = full.updated_by;
  read.revoked_at = full.revoked_at;
  read.revoked_by = full.revoked_by;
  read.revoke_reason = full.revoke_reason;
  const auto wrong = read_json(exported(full), read);
  CHECK_FALSE(wrong);
  CHECK(read == full);
}

TEST_CASE("credential_read: what is not there keeps the value that it had", "[credential]") {
  Credential read = made::full_credential();
  CHECK_FALSE(read_json(Json::object(), read));
  CHECK(read == made::full_credential());
}

TEST_CASE("credential_read: null takes away what may be absent", "[credential]") {
  Credential read = made::full_credential();
  const Json nulls = {{"not_before", nullptr},
                      {"expires_at", nullptr},
                      {"session_ttl", nullptr},
                      {"permissions", {{"responses", nullptr}}}};
  CHECK_FALSE(read_json(nulls, read));
  CHECK_FALSE(read.not_before);
  CHECK_FALSE(read.expires_at);
  CHECK_FALSE(read.session_ttl);
  CHECK_FALSE(read.permissions.responses);
}

struct Case {
  const char* what;
  const char* json;
  const char* field;
};

TEST_CASE("credential_read: one member that is wrong refuses the record, by its path",
          "[credential]") {
  const auto bad = GENERATE(values<Case>({
      {"no object", "[]", ""},
      {"an unknown member", R"({"colour":1})", "colour"},
      {"a field that is not set by people", R"({"revision":3})", "revision"},
      {"a name that is not a string", R"({"name":7})", "name"},
      {"an unknown kind", R"({"kind":"pigeon"})", "kind"},
      {"a kind in another case", R"({"kind":"Key"})", "kind"},
      {"an unknown status", R"({"status":"gone"})", "status"},
      {"a text for a list", R"({"subjects":"a.>"})", "subjects"},
      {"a list with a number", R"({"subjects":["a.>",1]})", "subjects"},
      {"an unknown capability", R"({"capabilities":["fly"]})", "capabilities"},
      {"capabilities as a text", R"({"capabilities":"publish"})", "capabilities"},
      {"a capability as a number", R"({"capabilities":{"publish":1}})", "capabilities.publish"},
      {"an unknown capability", R"({"capabilities":{"fly":true}})", "capabilities.fly"},
      {"a flag in quotes", R"({"everything":"true"})", "everything"},
      {"a flag as a number", R"({"ack_v2":1})", "ack_v2"},
      {"a bucket that is none", R"({"kv_read":["a.b"]})", "kv_read"},
      {"keys that are none", R"({"kv_write":["cfg:a..b"]})", "kv_write"},
      {"a bucket as a number", R"({"kv_read":[1]})", "kv_read"},
      {"an object store as a text", R"({"object_read":"pics"})", "object_read"},
      {"a service as an object", R"({"serve":[{}]})", "serve"},
      {"a domain as a list", R"({"domain":["hub"]})", "domain"},
      {"a host bit", R"({"sources":["10.0.0.1/8"]})", "sources"},
      {"an unknown type", R"({"connection_types":["MQTT_WS"]})", "connection_types"},
      {"a range that is none", R"({"times":["8-18"]})", "times"},
      {"a moment that is none", R"({"expires_at":"soon"})", "expires_at"},
      {"a moment as a number", R"({"expires_at":1800000000})", "expires_at"},
      {"a negative span", R"({"session_ttl":-1})", "session_ttl"},
      {"a duration with a fraction", R"({"session_ttl":1.5})", "session_ttl"},
      {"a duration of a thousand years", R"({"session_ttl":31557600000})", "session_ttl"},
      {"a count beyond 32 bits", R"({"max_sessions":4294967296})", "max_sessions"},
      {"permissions that are not object", R"({"permissions":[]})", "permissions"},
      {"an unknown side", R"({"permissions":{"both":{}}})", "permissions.both"},
      {"an unknown list", R"({"permissions":{"publish":{"maybe":[]}}})",
       "permissions.publish.maybe"},
      {"a list that is none", R"({"permissions":{"publish":{"allow":">"}}})",
       "permissions.publish.allow"},
      {"responses as a flag", R"({"permissions":{"responses":true}})", "permissions.responses"},
      {"an unknown limit", R"({"permissions":{"responses":{"most":1}}})",
       "permissions.responses.most"},
      {"secrets that are not list", R"({"secrets":{}})", "secrets"},
      {"an unknown scheme", R"({"secrets":[{"scheme":"rot13"}]})", "secrets.scheme"},
      {"a hash that is too short", R"({"secrets":[{"hash":"AAAA"}]})", "secrets.hash"},
      {"an unknown member of a secret", R"({"secrets":[{"plain":"x"}]})", "secrets.plain"},
  }));
  CAPTURE(bad.what);
  Credential read;
  const auto wrong = read_json(Json::parse(bad.json), read);
  REQUIRE(wrong);
  CHECK(wrong->field == bad.field);
  CHECK_FALSE(wrong->message.empty());
}

TEST_CASE("credential_read: no message quotes what may be a secret", "[credential]") {
  Credential read;
  const Json secret = {{"secrets", {{{"hash", "hunter2"}, {"password_hash", 7}}}}};
  const auto wrong = read_json(secret, read);
  REQUIRE(wrong);
  CHECK(wrong->message.find("hunter2") == std::string::npos);
}

TEST_CASE("credential_read: capabilities as an object change those that it names, and no other",
          "[credential]") {
  Credential read;
  read.publish = read.manage = true;
  REQUIRE_FALSE(
      read_json(Json::parse(R"({"capabilities":{"publish":false,"receive":true}})"), read));
  CHECK_FALSE(read.publish);
  CHECK(read.receive);
  CHECK(read.manage);
}

}  // namespace
}  // namespace auth
