#include "auth/nats/auth_response.h"

#include "auth/base/json.h"
#include "auth/credential/capabilities.h"
#include "tests/support/catch.h"
#include "tests/support/make_request.h"

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
                          .subscribe = {{"_CG.CGAAAAAAAAAAAAAAAAAA.>", "news"}, {}},
                          .responses = Responses{.max = 5, .ttl = 120s}},
          .until = kNow + 1h};
}

// What this key signed, as nats-server would read it.
Json opened(std::string_view token, const KeyPair& by = made::issuer()) {
  const auto jwt = read_jwt(token);
  REQUIRE(jwt);
  REQUIRE(verify(*jwt, by.public_key()));
  return read_json_object(jwt->claims.view()).value();
}

Signer signer() {
  return {.key = made::issuer()};
}

std::string write(const Grant& granted) {
  return write_grant(request(), granted, kNow, signer(),
                     {.signer = signer(), .audience = granted.account});
}

Json response_to(const Grant& granted) {
  return opened(write(granted));
}

Json user_of(const Grant& granted) {
  return opened(response_to(granted)["nats"]["jwt"].get<std::string>());
}

TEST_CASE("auth_response: a grant is a response that holds a user JWT and nothing else", "[nats]") {
  Json response = response_to(grant());
  REQUIRE(response["nats"]["jwt"].is_string());
  response["nats"].erase("jwt");
  CHECK(response == Json{{"aud", made::text(made::server())},
                         {"iat", 1'800'000'000},
                         {"iss", made::text(made::issuer())},
                         {"sub", made::text(made::key(Prefix::user, 5))},
                         {"nats", {{"type", "authorization_response"}, {"version", 2}}}});
}

TEST_CASE("auth_response: a user JWT says who, where, until when, and what, and nothing else",
          "[nats]") {
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
                                   {"sub", {{"allow", {"_CG.CGAAAAAAAAAAAAAAAAAA.>", "news"}}}},
                                   {"resp", {{"max", 5}, {"ttl", 120'000'000'000}}},
                                   {"subs", -1},
                                   {"data", -1},
                                   {"payload", -1}}}});
}

// Operator mode: the callout account and the one that is granted, and a signing key of each.
struct Operator {
  KeyPair callout = made::key(Prefix::account, 20);
  KeyPair callout_signing = made::key(Prefix::account, 21);
  KeyPair account = made::key(Prefix::account, 22);
  KeyPair account_signing = made::key(Prefix::account, 23);

  Signer with_signing_key() const {
    return {.key = account_signing, .issuer_account = account.public_key()};
  }
  Signer with_callout_signing_key() const {
    return {.key = callout_signing, .issuer_account = callout.public_key()};
  }
};

TEST_CASE(
    "auth_response: in operator mode a user belongs to the account that signs, and there is no "
    "audience",
    "[nats]") {
  const Operator mode;
  Json user;
  Json expected = user_of(grant());
  expected.erase("aud");
  SECTION("its own key signs") {
    const Json response = opened(write_grant(request(), grant(), kNow, signer(),
                                             {.signer = {.key = mode.account}, .audience = ""}));
    CHECK_FALSE(response["nats"].contains("issuer_account"));
    user = opened(response["nats"]["jwt"].get<std::string>(), mode.account);
    expected["iss"] = made::text(mode.account);
  }
  SECTION("a signing key signs, which says for which account") {
    const Json response = opened(write_grant(request(), grant(), kNow, signer(),
                                             {.signer = mode.with_signing_key(), .audience = ""}));
    CHECK_FALSE(response["nats"].contains("issuer_account"));
    user = opened(response["nats"]["jwt"].get<std::string>(), mode.account_signing);
    expected["iss"] = made::text(mode.account_signing);
    expected["nats"]["issuer_account"] = made::text(mode.account);
  }
  CHECK(user == expected);
}

TEST_CASE("auth_response: in operator mode a signing key of the callout account says whose it is",
          "[nats]") {
  const Operator mode;
  const Json granted = opened(write_grant(request(), grant(), kNow, mode.with_callout_signing_key(),
                                          {.signer = {.key = mode.account}, .audience = ""}),
                              mode.callout_signing);
  const Json refused =
      opened(write_refusal(request(), kNow, mode.with_callout_signing_key()), mode.callout_signing);
  for (const Json& response : {granted, refused}) {
    CHECK(response["iss"] == made::text(mode.callout_signing));
    CHECK(response["nats"]["issuer_account"] == made::text(mode.callout));
    CHECK(response["aud"] == made::text(made::server()));
  }
  const Json user = opened(granted["nats"]["jwt"].get<std::string>(), mode.account);
  CHECK_FALSE(user["nats"].contains("issuer_account"));
}

TEST_CASE(
    "auth_response: a user of a scoped signing key brings no permissions and no limits, not even "
    "empty ones",
    "[nats]") {
  const Operator mode;
  const Target scoped{.signer = mode.with_signing_key(), .audience = "", .scoped = true};
  const Json response = opened(write_grant(request(), grant(), kNow, signer(), scoped));
  CHECK(opened(response["nats"]["jwt"].get<std::string>(), mode.account_signing) ==
        Json{{"exp", 1'800'003'600},
             {"iat", 1'800'000'000},
             {"iss", made::text(mode.account_signing)},
             {"name", "CGAAAAAAAAAAAAAAAAAA"},
             {"sub", made::text(made::key(Prefix::user, 5))},
             {"nats",
              {{"type", "user"}, {"version", 2}, {"issuer_account", made::text(mode.account)}}}});
}

TEST_CASE(
    "auth_response: in configuration mode nothing names an issuer account, which its servers "
    "refuse",
    "[nats]") {
  CHECK_FALSE(response_to(grant())["nats"].contains("issuer_account"));
  CHECK_FALSE(user_of(grant())["nats"].contains("issuer_account"));
  CHECK_FALSE(opened(write_refusal(request(), kNow, signer()))["nats"].contains("issuer_account"));
}

TEST_CASE("auth_response: the server reads whole numbers where it expects them", "[nats]") {
  const Json user = user_of(grant());
  for (const auto* at : {"/exp", "/iat", "/nats/version", "/nats/subs", "/nats/data",
                         "/nats/payload", "/nats/resp/max", "/nats/resp/ttl"}) {
    CAPTURE(at);
    CHECK(user[Json::json_pointer{at}].is_number_integer());
  }
}

TEST_CASE(
    "auth_response: a session without an end has no expiry, and one without replies no responses",
    "[nats]") {
  Grant granted = grant();
  granted.until.reset();
  granted.permissions.responses.reset();
  const Json user = user_of(granted);
  CHECK_FALSE(user.contains("exp"));
  CHECK_FALSE(user["nats"].contains("resp"));
}

TEST_CASE("auth_response: an end is never so far away that the server's timer would wrap round",
          "[nats]") {
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

TEST_CASE("auth_response: an absent list never means everything", "[nats]") {
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

TEST_CASE("auth_response: a credential that may do nothing is given nothing", "[nats]") {
  Credential credential;
  credential.id = "CGAAAAAAAAAAAAAAAAAA";
  Grant granted = grant();
  granted.permissions = expand(credential);
  const Json nats = user_of(granted)["nats"];
  CHECK(nats["pub"] == Json{{"deny", {">"}}});
  CHECK(nats["sub"] == Json{{"allow", {"_CG.CGAAAAAAAAAAAAAAAAAA.>"}}});
  CHECK_FALSE(nats.contains("resp"));
}

TEST_CASE("auth_response: a refusal is one constant word", "[nats]") {
  CHECK(opened(write_refusal(request(), kNow, signer())) ==
        Json{{"aud", made::text(made::server())},
             {"iat", 1'800'000'000},
             {"iss", made::text(made::issuer())},
             {"sub", made::text(made::key(Prefix::user, 5))},
             {"nats", {{"error", "denied"}, {"type", "authorization_response"}, {"version", 2}}}});
}

TEST_CASE("auth_response: a record that is not UTF-8 is a fault and no other permission",
          "[nats]") {
  Grant granted = grant();
  granted.permissions.publish.deny = {"orders.\xFF"};
  CHECK_THROWS_AS(write(granted), std::exception);
}

TEST_CASE("auth_response: nothing of what the client sent comes back", "[nats]") {
  const Request asked = made::request_of({{"user", "mallory"}, {"pass", "hunter2hunter2"}});
  const std::string user = user_of(grant()).dump();
  for (const auto* word : {"mallory", "hunter2", "my-app", "192.0.2.7", "dlc"}) {
    CAPTURE(word);
    CHECK(opened(write_refusal(asked, kNow, signer())).dump().find(word) == std::string::npos);
    CHECK(user.find(word) == std::string::npos);
  }
}

}  // namespace
}  // namespace auth
