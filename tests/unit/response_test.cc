#include "auth/response.h"

#include "auth/json_read.h"
#include "tests/unit/catch.h"
#include "tests/unit/make_request.h"

namespace auth {
namespace {

using namespace std::chrono_literals;
using made::kNow;

Request request() {
  return made::request(made::claims());
}

Grant grant() {
  return {.id = "CGAAAAAAAAAAAAAAAAAA",
          .account = "APP",
          .permissions = {.publish = {{"orders.>"}, {"orders.secret"}},
                          .subscribe = {{"_INBOX_CGAAAAAAAAAAAAAAAAAA.>", "news"}, {}},
                          .responses = Responses{.max = 5, .ttl = 120s}},
          .until = kNow + 1h};
}

// What the issuer signed, as nats-server would read it.
Json opened(std::string_view token) {
  const auto jwt = read_jwt(token);
  REQUIRE(jwt);
  REQUIRE(verify(*jwt, made::issuer().public_key()));
  return read_json_object(jwt->claims.view()).value();
}

Json response_to(const Grant& granted) {
  return opened(write_grant(request(), granted, kNow, made::issuer()));
}

Json user_of(const Grant& granted) {
  return opened(response_to(granted)["nats"]["jwt"].get<std::string>());
}

TEST_CASE("a grant is a response that holds a user JWT and nothing else") {
  Json response = response_to(grant());
  REQUIRE(response["nats"]["jwt"].is_string());
  response["nats"].erase("jwt");
  CHECK(response == Json{{"aud", made::text(made::server())},
                         {"iat", 1'800'000'000},
                         {"iss", made::text(made::issuer())},
                         {"sub", made::text(made::key(Prefix::user, 5))},
                         {"nats", {{"type", "authorization_response"}, {"version", 2}}}});
}

TEST_CASE("a user JWT says who, where, until when, and what, and nothing else") {
  CHECK(user_of(grant()) == Json{{"aud", "APP"},
                                 {"exp", 1'800'003'600},
                                 {"iat", 1'800'000'000},
                                 {"iss", made::text(made::issuer())},
                                 {"name", "CGAAAAAAAAAAAAAAAAAA"},
                                 {"sub", made::text(made::key(Prefix::user, 5))},
                                 {"nats",
                                  {{"type", "user"},
                                   {"version", 2},
                                   {"pub", {{"allow", {"orders.>"}}, {"deny", {"orders.secret"}}}},
                                   {"sub", {{"allow", {"_INBOX_CGAAAAAAAAAAAAAAAAAA.>", "news"}}}},
                                   {"resp", {{"max", 5}, {"ttl", 120'000'000'000}}},
                                   {"subs", -1},
                                   {"data", -1},
                                   {"payload", -1}}}});
}

TEST_CASE("the server reads whole numbers where it expects them") {
  const Json user = user_of(grant());
  for (const auto* at : {"/exp", "/iat", "/nats/version", "/nats/subs", "/nats/data",
                         "/nats/payload", "/nats/resp/max", "/nats/resp/ttl"}) {
    CAPTURE(at);
    CHECK(user[Json::json_pointer{at}].is_number_integer());
  }
}

TEST_CASE("a session without an end has no expiry, and one without replies no responses") {
  Grant granted = grant();
  granted.until.reset();
  granted.permissions.responses.reset();
  const Json user = user_of(granted);
  CHECK_FALSE(user.contains("exp"));
  CHECK_FALSE(user["nats"].contains("resp"));
}

TEST_CASE("an end is never so far away that the server's timer would wrap round") {
  const Time last_day{253'402'300'799s};  // 9999-12-31T23:59:59Z
  const Time century = kNow + std::chrono::years{100};
  const auto [until, exp] = GENERATE_COPY(table<Time, Time>({
      {kNow + 2s, kNow + 2s},
      {century, century},
      {century + 1s, century},
      {last_day, century},
      {Time{1s * 3'155'760'000'000}, century},
  }));
  CAPTURE(until.time_since_epoch().count());
  Grant granted = grant();
  granted.until = until;
  CHECK(user_of(granted)["exp"] == exp.time_since_epoch().count());
}

TEST_CASE("an absent list never means everything") {
  const Json nothing = {{"deny", {">"}}};
  const auto lists = GENERATE(values<SubjectLists>({{{}, {}}, {{}, {">"}}, {{}, {"a"}}}));
  CAPTURE(lists.deny);
  Grant granted = grant();
  granted.permissions.publish = lists;
  CHECK(user_of(granted)["nats"]["pub"] == nothing);
  CHECK(user_of(granted)["nats"]["sub"]["allow"].size() == 2);
  granted.permissions.subscribe = lists;
  CHECK(user_of(granted)["nats"]["sub"] == nothing);
}

TEST_CASE("a credential that may do nothing is given nothing") {
  Credential credential;
  credential.id = "CGAAAAAAAAAAAAAAAAAA";
  Grant granted = grant();
  granted.permissions = expand(credential);
  const Json nats = user_of(granted)["nats"];
  CHECK(nats["pub"] == Json{{"deny", {">"}}});
  CHECK(nats["sub"] == Json{{"allow", {"_INBOX_CGAAAAAAAAAAAAAAAAAA.>"}}});
  CHECK_FALSE(nats.contains("resp"));
}

TEST_CASE("a refusal is one constant word") {
  CHECK(opened(write_refusal(request(), kNow, made::issuer())) ==
        Json{{"aud", made::text(made::server())},
             {"iat", 1'800'000'000},
             {"iss", made::text(made::issuer())},
             {"sub", made::text(made::key(Prefix::user, 5))},
             {"nats", {{"error", "denied"}, {"type", "authorization_response"}, {"version", 2}}}});
}

TEST_CASE("a record that is no UTF-8 is a fault and no other permission") {
  Grant granted = grant();
  granted.permissions.publish.deny = {"orders.\xFF"};
  CHECK_THROWS_AS(write_grant(request(), granted, kNow, made::issuer()), std::exception);
}

TEST_CASE("nothing of what the client sent comes back") {
  const Request asked = made::request_of({{"user", "mallory"}, {"pass", "hunter2hunter2"}});
  const std::string user = user_of(grant()).dump();
  for (const auto* word : {"mallory", "hunter2", "my-app", "192.0.2.7", "dlc"}) {
    CAPTURE(word);
    CHECK(opened(write_refusal(asked, kNow, made::issuer())).dump().find(word) ==
          std::string::npos);
    CHECK(user.find(word) == std::string::npos);
  }
}

}  // namespace
}  // namespace auth
