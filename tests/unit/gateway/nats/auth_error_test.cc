#include "gateway/nats/auth_error.h"

#include <string>

#include <nlohmann/json.hpp>

#include "tests/support/catch.h"

using auth::ServerRefusal;
using gateway::AuthError;
using gateway::read_auth_error;
using gateway::refused_by;
using gateway::RefusedBy;

namespace {

using Json = nlohmann::json;

// As nats-server 2.10.27 and 2.15.1 send it.
Json event(const std::string& reason) {
  return {{"type", "io.nats.server.advisory.v1.client_disconnect"},
          {"id", "XPIiJBGxEjOQ9Sf1h7lpuY"},
          {"timestamp", "2026-11-28T18:00:00.123456789Z"},
          {"server",
           {{"name", "s1"},
            {"host", "0.0.0.0"},
            {"id", "NA774UEVRCL4MJNL7J3KFZXPZWM3T2377RMNPPLKHSLH4JIGJMEKCPGK"},
            {"ver", "2.15.1"},
            {"jetstream", false},
            {"seq", 42}}},
          {"client",
           {{"start", "2026-11-28T18:00:00.1Z"},
            {"host", "192.0.2.7"},
            {"id", 19},
            {"acc", "AUTH"},
            {"user", "shop"},
            {"kind", "Client"}}},
          {"sent", {{"msgs", 0}, {"bytes", 0}}},
          {"received", {{"msgs", 0}, {"bytes", 0}}},
          {"reason", reason}};
}

struct Row {
  const char* reason;
  ServerRefusal why;
};

}  // namespace

TEST_CASE("auth_error: an event names the server, the connection and the reason", "[nats]") {
  const auto error = read_auth_error(event("User JWT issuer \"AB\" is not known").dump());
  REQUIRE(error);
  CHECK(error->server_id == "NA774UEVRCL4MJNL7J3KFZXPZWM3T2377RMNPPLKHSLH4JIGJMEKCPGK");
  CHECK(error->server_name == "s1");
  CHECK(error->cid == 19);
  CHECK(error->source == "192.0.2.7");
  CHECK(error->why == ServerRefusal::signing_key);
  CHECK(error->text == "User JWT issuer \"AB\" is not known");
}

TEST_CASE("auth_error: each reason of nats-server has a word", "[nats]") {
  const auto row = GENERATE(values<Row>({
      {"", ServerRefusal::timeout},
      {R"(Wrong issuer for auth callout response on account "AUTH", expected "A" got "B")",
       ServerRefusal::signing_key},
      {R"(Error non operator mode account "AUTH": attempted to use issuer_account)",
       ServerRefusal::signing_key},
      {R"(User JWT issuer "AB" is not known)", ServerRefusal::signing_key},
      {"Auth callout signing key is unknown", ServerRefusal::signing_key},
      {"Claim failed V2 signature verification", ServerRefusal::signing_key},
      {R"(Auth callout response issuer account "A" is not the callout account)",
       ServerRefusal::signing_key},
      {R"(No valid account "GONE" for auth callout response on account "AUTH": account missing)",
       ServerRefusal::account},
      {R"(Account "A" not permitted as valid account option for auth callout for account "B")",
       ServerRefusal::account},
      {"Error validating user JWT: claim is expired", ServerRefusal::expired},
      {"Authorization response had validation errors: claim is expired", ServerRefusal::expired},
      {R"(Error validating user JWT: subject "a..b" cannot have empty elements)",
       ServerRefusal::permissions},
      {"User JWT is not valid: scoped users require no permissions or limits set",
       ServerRefusal::permissions},
      {"User JWT generated invalid permissions: x", ServerRefusal::permissions},
      {"Could not register auth callout user: maximum account active connections exceeded",
       ServerRefusal::connections},
      {R"(Authorized user on account "AUTH" outside of valid connect times)",
       ServerRefusal::restricted},
      {R"(Authorized user on account "AUTH" using invalid connection type)",
       ServerRefusal::restricted},
      {"Proxy connection required", ServerRefusal::restricted},
      {R"(Error decrypting auth callout response on account "AUTH": nkeys: could not decrypt input)",
       ServerRefusal::seal},
      {"Expected 3 chunks", ServerRefusal::other},
      {"Authentication Violation", ServerRefusal::other},
  }));
  CAPTURE(row.reason);
  const auto error = read_auth_error(event(row.reason).dump());
  REQUIRE(error);
  CHECK(error->why == row.why);
  CHECK((name(error->why) == "other" || row.why != ServerRefusal::other));
}

TEST_CASE("auth_error: what a gateway refused is none of the server's refusals", "[nats]") {
  CHECK_FALSE(read_auth_error(event("Auth callout service returned an error: denied").dump()));
  // A client that calls itself so hides nothing.
  Json hidden = event("Expected 3 chunks");
  hidden["client"]["name"] = R"("reason":"Auth callout service returned an error)";
  CHECK(read_auth_error(hidden.dump()));
}

TEST_CASE("auth_error: who refused is known by the end of an event, for any size", "[nats]") {
  struct End {
    const char* reason;
    RefusedBy by;
  };
  const auto end = GENERATE(values<End>({
      {"", RefusedBy::nobody},
      {"Auth callout service returned an error: denied", RefusedBy::gateway},
      {"Expected 3 chunks", RefusedBy::server},
      {R"("reason":"")", RefusedBy::server},
  }));
  CAPTURE(end.reason);
  for (const std::size_t length : {0U, 60'000U}) {
    Json large = event("");
    large["client"]["user"] = std::string(length, '<');
    large["client"]["name"] = R"("reason":"Auth callout service returned an error"},"reason":"")";
    large.erase("reason");
    std::string text = large.dump();
    text.pop_back();  // nats-server writes it last
    CHECK(refused_by(text + R"(,"reason":)" + Json(end.reason).dump() + "}") == end.by);
    // No reason, and one that is cut off.
    CHECK(refused_by(text + "}") == RefusedBy::server);
    CHECK(refused_by(text + R"(,"reason":")") == RefusedBy::server);
  }
  CHECK(refused_by("") == RefusedBy::server);
}

TEST_CASE("auth_error: anything else is not an event", "[nats]") {
  const auto without = [](const char* pointer) {
    Json json = event("x");
    json[Json::json_pointer{pointer}] = nullptr;
    return json.dump();
  };
  const std::string text = GENERATE_COPY(values<std::string>({
      "",
      "[]",
      "{}",
      "null",
      "{\"reason\":\"x\"",
      without("/server"),
      without("/server/id"),
      without("/client"),
      without("/client/id"),
      without("/reason"),
      event(std::string(gateway::kMaxAuthErrorBytes, 'x')).dump(),
  }));
  CAPTURE(text.substr(0, 100));
  CHECK_FALSE(read_auth_error(text));
  Json negative = event("x");
  negative["client"]["id"] = -1;
  CHECK_FALSE(read_auth_error(negative.dump()));
}

TEST_CASE("auth_error: the server's words are one line of bounded length", "[nats]") {
  const auto error =
      read_auth_error(event("a\nevent=granted \x1b[2J" + std::string(500, 'x')).dump());
  REQUIRE(error);
  CHECK(error->text.starts_with("a?event=granted ?[2J"));
  CHECK(error->text.size() == AuthError::kMaxText);
}
