#include "gateway/sessions/kick.h"

#include "tests/support/catch.h"

using namespace gateway;

TEST_CASE("kick: a kick names its server and the number of the session", "[sessions]") {
  CHECK(kick_of("N1") == "$SYS.REQ.SERVER.N1.KICK");
  CHECK(write_kick_request(18'446'744'073'709'551'615ULL) == R"({"cid":18446744073709551615})");
}

TEST_CASE("kick: a reply to a kick without an error is success", "[sessions]") {
  const auto reply = read_kick_reply(R"({"server":{"id":"N1"}})");
  REQUIRE(reply);
  CHECK(reply->kicked);
  CHECK_FALSE(reply->unknown);
}

TEST_CASE("kick: a server that does not have the session says so", "[sessions]") {
  const auto reply =
      read_kick_reply(R"({"error":{"code":500,"description":"no such client or leafnode id"}})");
  REQUIRE(reply);
  CHECK_FALSE(reply->kicked);
  CHECK(reply->unknown);
}

TEST_CASE("kick: of any other error to a kick nothing follows", "[sessions]") {
  for (const char* text : {R"({"error":{"code":503,"description":"busy"}})", R"({"error":{}})",
                           R"({"error":null})", R"({"error":7})", R"({"error":"no such client"})",
                           R"({"error":{"description":["no such client"]}})"}) {
    CAPTURE(text);
    const auto reply = read_kick_reply(text);
    REQUIRE(reply);
    CHECK_FALSE(reply->kicked);
    CHECK_FALSE(reply->unknown);
  }
}

TEST_CASE("kick: what is not an object answers no kick", "[sessions]") {
  for (const char* text : {"", "{", "[]", "7", "null", "no JSON"}) {
    CAPTURE(text);
    CHECK_FALSE(read_kick_reply(text));
  }
  const std::string good = R"({"server":{"id":"N1"}})";
  for (std::size_t n = 0; n < good.size(); ++n)
    CHECK_FALSE(read_kick_reply(good.substr(0, n)));
}
