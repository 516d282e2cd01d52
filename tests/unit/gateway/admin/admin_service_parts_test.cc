// What comes to the admin service from outside, and what goes out: who asks, on which subject, what
// servers say of their connections, discovery, events.

#include "auth/base/json.h"
#include "gateway/admin/caller.h"
#include "gateway/admin/events.h"
#include "gateway/admin/operation_error.h"
#include "gateway/admin/service_discovery.h"
#include "gateway/admin/subjects.h"
#include "gateway/callout/decision_event.h"
#include "gateway/platform/counters.h"
#include "tests/support/catch.h"

using namespace gateway;
using auth::Json;

namespace {

const std::string kInfo = R"({"acc":"ADMIN","user":"CGAAAAAAAAAAAAAAAAAA","id":8,"kind":"Client"})";

std::string refusal_of(const std::vector<std::string>& values) {
  try {
    const CallerInfo caller = read_caller(values);
    return caller.account + " " + caller.user;
  } catch (const OperationError& error) {
    CHECK(error.code() == Code::forbidden);
    return "forbidden";
  }
}

}  // namespace

TEST_CASE("admin_service_parts: the caller is the one that the one header names", "[admin]") {
  CHECK(refusal_of({kInfo}) == "ADMIN CGAAAAAAAAAAAAAAAAAA");
  const std::vector<std::pair<const char*, std::vector<std::string>>> bad = {
      {"none", {}},
      {"a forged one before it", {R"({"acc":"ADMIN","user":"CGB","kind":"Client"})", kInfo}},
      {"the same twice", {kInfo, kInfo}},
      {"no account", {R"({"user":"CGA","kind":"Client"})"}},
      {"no user", {R"({"acc":"ADMIN","kind":"Client"})"}},
      {"an empty user", {R"({"acc":"ADMIN","user":"","kind":"Client"})"}},
      {"a user that is not a string", {R"({"acc":"ADMIN","user":7,"kind":"Client"})"}},
      {"a user twice", {R"({"acc":"ADMIN","user":"CGA","user":"CGB","kind":"Client"})"}},
      {"a leafnode", {R"({"acc":"ADMIN","user":"CGA","kind":"Leafnode"})"}},
      {"a kind that is not known", {R"({"acc":"ADMIN","user":"CGA","kind":"client"})"}},
      {"a kind that is not a string", {R"({"acc":"ADMIN","user":"CGA","kind":1})"}},
      {"two kinds", {R"({"acc":"ADMIN","user":"CGA","kind":"Leafnode","kind":"Client"})"}},
      {"no kind", {R"({"acc":"ADMIN","user":"CGA"})"}},
      {"no object", {"[]"}},
      {"no JSON", {"acc"}},
      {"nothing", {""}}};
  for (const auto& [what, values] : bad) {
    CAPTURE(what);
    CHECK(refusal_of(values) == "forbidden");
  }
  for (std::size_t n = 0; n < kInfo.size(); ++n)
    CHECK(refusal_of({kInfo.substr(0, n)}) == "forbidden");
}

TEST_CASE("admin_service_parts: a subject names the operation and the account, or every account",
          "[admin]") {
  CHECK(admin_subject("list", "") == "credgate.v1.credentials.list");
  CHECK(admin_subject("list", "APP") == "credgate.v1.credentials.list.APP");
  CHECK(admin_subject("list_roles", "") == "credgate.v1.roles.list");
  CHECK(admin_subject("delete_role", "APP") == "credgate.v1.roles.delete.APP");
  const auto read = [](const char* subject) {
    const auto parts = read_admin_subject(subject);
    return parts ? parts->operation + "|" + parts->account : "none";
  };
  CHECK(read("credgate.v1.credentials.list") == "list|");
  CHECK(read("credgate.v1.credentials.list.APP") == "list|APP");
  CHECK(read("credgate.v1.credentials.list.a.b") == "list|a.b");
  for (const char* operation :
       {"create_role", "get_role", "list_roles", "update_role", "delete_role"})
    CHECK(read(admin_subject(operation, "APP").c_str()) == std::string(operation) + "|APP");
  // Neither prefix reaches the other's operations.
  CHECK(read("credgate.v1.credentials.create_role.APP") == "credentials.create_role|APP");
  CHECK(read("credgate.v1.roles.create_role.APP") == "roles.create_role|APP");
  CHECK(read("credgate.v1.roles.revoke.APP") == "roles.revoke|APP");
  for (const char* subject : {"", "credgate.v1.credentials", "credgate.v1.credentials.",
                              "credgate.v1.credentials..APP", "credgate.v1.credentials.list.",
                              "credgate.v1.roles", "credgate.v1.roles.", "credgate.v1.roles..APP",
                              "credgate.v1.roles.list.", "credgate.v2.credentials.list", "list"}) {
    CAPTURE(subject);
    CHECK(read(subject) == "none");
  }
}

TEST_CASE("admin_service_parts: discovery answers for this service and this instance", "[admin]") {
  Counters counters;
  counters.granted_of.at(1) = 5;
  counters.sigv4_allowed = 3;
  counters.sigv4_denied.at(1) = 1;
  ServiceDiscovery discovery{"ABC", "STX", counters, auth::Time{}};
  discovery.count("credgate.v1.credentials.list", std::chrono::nanoseconds{300}, "");
  discovery.count("credgate.v1.credentials.list", std::chrono::nanoseconds{100}, "conflict");
  discovery.count("credgate.v1.roles.list", std::chrono::nanoseconds{50}, "");
  const auto type = [&](const char* subject) {
    const auto answer = discovery.answer(subject);
    return answer ? auth::string_at(*auth::read_json_object(*answer), "type") : "none";
  };
  CHECK(type("$SRV.PING") == "io.nats.micro.v1.ping_response");
  CHECK(type("$SRV.PING.credgate") == "io.nats.micro.v1.ping_response");
  CHECK(type("$SRV.INFO.credgate.ABC") == "io.nats.micro.v1.info_response");
  CHECK(type("$SRV.STATS") == "io.nats.micro.v1.stats_response");
  for (const char* subject : {"$SRV", "$SRV.", "$SRV.PING.other", "$SRV.PING.credgate.XYZ",
                              "$SRV.PING.", "$SRV.PINGS", "$SRV.PING.credgate.ABC.more", "x"}) {
    CAPTURE(subject);
    CHECK(type(subject) == "none");
  }
  const Json stats = *auth::read_json_object(*discovery.answer("$SRV.STATS"));
  CHECK(stats["endpoints"][0]["num_requests"] == 2);
  CHECK(stats["endpoints"][0]["num_errors"] == 1);
  CHECK(stats["endpoints"][0]["last_error"] == "conflict");
  CHECK(stats["endpoints"][0]["average_processing_time"] == 200);
  CHECK(stats["endpoints"][1]["subject"] == "credgate.v1.roles.>");
  CHECK(stats["endpoints"][1]["num_requests"] == 1);
  CHECK(stats["endpoints"][2]["num_requests"] == 4);
  CHECK(stats["endpoints"][3]["num_requests"] == 5);
  CHECK(stats["endpoints"][3]["data"]["store_id"] == "STX");
}

TEST_CASE("admin_service_parts: an event of a change names the fields, and no value", "[admin]") {
  store::Entry entry;
  entry.sequence = 7;
  entry.action = store::Action::update;
  entry.actor = "nats:CGA";
  entry.id = "CGB";
  entry.fields = {{"subjects", "[\"a\"]", "[\"b\"]"}};
  const Event event = change_event(entry, "STX");
  CHECK(event.subject == "credgate.v1.events.credential.update");
  const Json json = *auth::read_json_object(event.data);
  CHECK(json["sequence"] == 7);
  CHECK(json["store_id"] == "STX");
  CHECK(json["fields"] == Json{"subjects"});
  CHECK(event.data.find("[\\\"b") == std::string::npos);
  entry.action = store::Action::kick_role;
  entry.id = "APP/ops";
  const Event of_role = change_event(entry, "STX");
  CHECK(of_role.subject == "credgate.v1.events.role.kick");
  CHECK((*auth::read_json_object(of_role.data))["id"] == "APP/ops");
}

TEST_CASE("admin_service_parts: decisions are told up to a rate, and how many were not",
          "[admin]") {
  DecisionEvents events{"STX"};
  DecisionEvents::Clock::time_point now{std::chrono::hours{1}};
  DecisionEvent denied;
  denied.reason = "bad_proof";
  denied.client = "\xff";  // other people's bytes
  for (int n = 0; n < 500; ++n)
    events.add(denied, now);
  DecisionEvent granted;
  granted.granted = true;
  events.add(granted, now);
  auto told = events.take();
  CHECK(told.size() == 101);
  CHECK(told.front().subject == "credgate.v1.events.denied");
  CHECK(told.back().subject == "credgate.v1.events.granted");
  CHECK(events.take().empty());
  events.add(denied, now + std::chrono::seconds{1});
  told = events.take();
  REQUIRE(told.size() == 1);
  const Json json = *auth::read_json_object(told.front().data);
  CHECK(json["dropped_before"] == 400);
  CHECK(json["reason"] == "bad_proof");
  CHECK_FALSE(json.contains("detail"));
  denied.reason = "malformed";
  denied.detail = "certificate";
  events.add(denied, now + std::chrono::seconds{2});
  told = events.take();
  REQUIRE(told.size() == 1);
  CHECK((*auth::read_json_object(told.front().data))["detail"] == "certificate");
}
