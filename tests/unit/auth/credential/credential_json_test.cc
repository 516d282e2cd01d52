#include "auth/credential/credential_json.h"

#include "auth/base/base64.h"
#include "auth/credential/record_codec.h"
#include "tests/support/catch.h"
#include "tests/support/make_credential.h"

namespace auth {
namespace {

using Json = nlohmann::ordered_json;

TEST_CASE(
    "credential_json: a credential is shown with every field but its proofs, in the record's order",
    "[credential]") {
  CHECK(write_json(made::full_credential()) == Json::parse(R"({
    "id": "CGAAAQEAYEAUDAOCAJBI",
    "revision": 300,
    "name": "Order service, Zürich",
    "kind": "nkey",
    "account": "APP",
    "status": "suspended",
    "regions": ["eu", "us"],
    "roles": ["ops", "readers"],
    "capabilities": ["publish", "receive", "manage"],
    "subjects": ["orders.>", "events.*"],
    "streams": ["ORDERS"],
    "consumers": ["billing", "audit"],
    "kv_read": ["cfg"],
    "kv_write": ["cfg:app.>"],
    "object_read": ["pics"],
    "object_write": ["docs"],
    "serve": ["adder"],
    "call": ["clock"],
    "domain": "hub",
    "permissions": {
      "publish": {"allow": ["a"], "deny": ["b"]},
      "subscribe": {"allow": ["c", "d"], "deny": ["e"]},
      "responses": {"max": 5, "ttl": 30}
    },
    "inbox": "shared",
    "allow_responses": true,
    "everything": true,
    "ack_v2": true,
    "sigv4": true,
    "sigv4_connect": true,
    "sources": ["10.0.0.0/8", "2001:db8::/32", "::/0"],
    "connection_types": ["STANDARD", "MQTT"],
    "times": ["08:00:00-17:00:00", "00:00:00-00:00:00"],
    "times_location": "Europe/Berlin",
    "not_before": "2027-01-15T08:00:00Z",
    "expires_at": "2027-01-16T08:00:00Z",
    "session_ttl": 3600,
    "max_sessions": 7,
    "secrets": [
      {"scheme": "blake2b", "key_id": "122bd27872f1df0c", "created_at": "2027-01-15T08:00:00Z",
       "expires_at": "2027-01-15T09:00:00Z"},
      {"scheme": "public_key",
       "login": "UAAQEAYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABBRR",
       "created_at": "2027-01-15T08:00:01Z", "expires_at": null}
    ],
    "tags": ["team=billing", "empty="],
    "created_at": "2027-01-15T08:00:02Z",
    "created_by": "local:root",
    "updated_at": "2027-01-15T08:00:03Z",
    "updated_by": "nats:ADMIN/CGB",
    "revoked_at": "2027-01-15T08:00:04Z",
    "revoked_by": "local:alice",
    "revoke_reason": "lost"
  })"));
}

TEST_CASE(
    "credential_json: a credential with nothing in it is shown with the same fields, null for what "
    "is absent",
    "[credential]") {
  const Json none = write_json(Credential{});
  CHECK(none == Json::parse(R"({
    "id": "", "revision": 0, "name": "", "kind": "key", "account": "", "status": "active",
    "regions": [], "roles": [], "capabilities": [], "subjects": [], "streams": [], "consumers": [],
    "kv_read": [], "kv_write": [], "object_read": [], "object_write": [],
    "serve": [], "call": [], "domain": "",
    "permissions": {
      "publish": {"allow": [], "deny": []}, "subscribe": {"allow": [], "deny": []},
      "responses": null
    },
    "inbox": "private", "allow_responses": false, "everything": false, "ack_v2": false,
    "sigv4": false, "sigv4_connect": false,
    "sources": [], "connection_types": [], "times": [], "times_location": "",
    "not_before": null, "expires_at": null, "session_ttl": null, "max_sessions": 0,
    "secrets": [], "tags": [],
    "created_at": "1970-01-01T00:00:00Z", "created_by": "",
    "updated_at": "1970-01-01T00:00:00Z", "updated_by": "",
    "revoked_at": null, "revoked_by": "", "revoke_reason": ""
  })"));
}

TEST_CASE("credential_json: each field of a record has a member that changes with it",
          "[credential]") {
  const Credential full = made::full_credential();
  const auto one = [&](auto field) {
    Credential other = full;
    other.*field = Credential{}.*field;
    CHECK(write_json(other) != write_json(full));
  };
  const auto each = [&](auto... fields) { (one(fields), ...); };
  each(&Credential::id, &Credential::revision, &Credential::name, &Credential::kind,
       &Credential::account, &Credential::regions, &Credential::roles, &Credential::publish,
       &Credential::receive, &Credential::manage, &Credential::subjects, &Credential::streams,
       &Credential::consumers, &Credential::buckets, &Credential::services, &Credential::domain,
       &Credential::permissions, &Credential::inbox, &Credential::allow_responses,
       &Credential::everything, &Credential::ack_v2, &Credential::sigv4, &Credential::sigv4_connect,
       &Credential::sources, &Credential::connection_types, &Credential::times,
       &Credential::times_location, &Credential::not_before, &Credential::expires_at,
       &Credential::session_ttl, &Credential::max_sessions, &Credential::status,
       &Credential::secrets, &Credential::tags, &Credential::created_at, &Credential::created_by,
       &Credential::updated_at, &Credential::updated_by, &Credential::revoked_at,
       &Credential::revoked_by, &Credential::revoke_reason);
}

TEST_CASE("credential_json: no hash is anywhere in what is shown, in any spelling",
          "[credential]") {
  Credential with = made::full_credential();
  with.secrets.push_back(with.secrets[0]);
  with.secrets[1].hash = Hash32{0xDE, 0xAD, 0xBE, 0xEF};
  with.secrets[0].sealed = "0123456789";
  with.secrets[2].password_hash = "$argon2id$v=19$m=8,t=1,p=1$MDEy$XdTJ";
  Credential without = with;
  for (auto& secret : without.secrets) {
    secret.hash.reset();
    secret.password_hash.clear();
    secret.sealed.clear();
  }
  REQUIRE(write_credential(with) != write_credential(without));
  // Whatever is shown does not depend on the hashes at all.
  CHECK(write_json(with).dump() == write_json(without).dump());
}

TEST_CASE("credential_json: permissions are shown as the server is told them", "[credential]") {
  const Permissions permissions = {
      .publish = {{"a"}, {}}, .subscribe = {{}, {">"}}, .responses = Responses{}};
  CHECK(write_json(permissions).dump() ==
        R"({"publish":{"allow":["a"],"deny":[]},"subscribe":{"allow":[],"deny":[">"]},)"
        R"("responses":{"max":1,"ttl":120}})");
}

TEST_CASE("credential_json: names that read like JSON stay texts", "[credential]") {
  Credential c;
  c.name = R"({"a":[1]})";
  c.regions = {"allow", "deny"};
  c.tags = {"a", "b"};
  const Json json = write_json(c);
  CHECK(json["name"] == R"({"a":[1]})");
  CHECK(json["regions"].is_array());
  CHECK(json["tags"].is_array());
}

}  // namespace
}  // namespace auth
