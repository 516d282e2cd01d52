#include "auth/nats/peek_request.h"

#include <fstream>
#include <vector>

#include "auth/base/json.h"
#include "tests/support/catch.h"
#include "tests/support/make_request.h"

namespace auth {
namespace {

using namespace std::chrono_literals;

// Through a buffer without a terminator, so that the sanitizer sees one byte too far.
PeekedRequest peek(std::string_view text) {
  const std::vector<char> exact{text.begin(), text.end()};
  return peek_request({exact.data(), exact.size()});
}

TEST_CASE("peek_request: a real server's request is looked into", "[nats]") {
  std::ifstream file{std::string(CREDGATE_SOURCE_DIR) + "/tests/vectors/sealed-request.json"};
  const Json real = Json::parse(file);
  const PeekedRequest peeked = peek(real["jwt"].get<std::string>());
  const Json& nats = real["claims"]["nats"];
  CHECK(peeked.host == string_at(nats["client_info"], "host"));
  CHECK_FALSE(peeked.host.empty());
  const Json& connect = nats["connect_opts"];
  CHECK(peeked.user == string_at(connect, "user"));
  CHECK(peeked.nkey == string_at(connect, "nkey"));
  CHECK(peeked.auth_token.view() == string_at(connect, "auth_token"));
  CHECK(peeked.jwt.view() == string_at(connect, "jwt"));
  CHECK(peeked.timeout == std::chrono::seconds{real["claims"]["exp"].get<std::int64_t>() -
                                               real["claims"]["iat"].get<std::int64_t>()});
}

TEST_CASE("peek_request: it finds what read_request does, whatever the client sends", "[nats]") {
  const auto connect = GENERATE(values<Json>({
      Json::object(),
      {{"user", "alice"}, {"pass", "secret"}, {"protocol", 1}},
      {{"jwt", "e.y.J"}, {"nkey", "UAB"}, {"sig", "c2ln"}, {"lang", "go"}},
      {{"auth_token", "a\"b\\c<d>\n\tü"}, {"user", "ends with a backslash\\"}},
      {{"protocol", 1}, {"user", ""}, {"version", "1"}},
      // What would be another host, or another login, if quotes counted as they stand.
      {{"user", R"(","host":"198.51.100.1)"}},
      {{"name", R"("client_info":{"host":"198.51.100.1"},"connect_opts":{"user":"bob")"},
       {"user", R"(\","jwt":"other)"}},
  }));
  CAPTURE(connect.dump());
  const std::string text = made::sign(made::with("/nats/connect_opts", connect));
  const auto request = read_request(text, made::expected());
  REQUIRE(request);
  const PeekedRequest peeked = peek(text);
  CHECK(peeked.host == "192.0.2.7");
  CHECK(peeked.user == request->connect.user);
  CHECK(peeked.nkey == request->connect.nkey);
  CHECK(peeked.auth_token.view() == request->connect.auth_token.view());
  CHECK(peeked.jwt.view() == request->connect.jwt.view());
  CHECK(peeked.timeout == 2s);
}

TEST_CASE("peek_request: a client's name does not change its host", "[nats]") {
  const auto name = GENERATE(values<std::string>({
      R"(x","host":"198.51.100.1)",
      R"("client_info":{"host":"198.51.100.1")",
      R"(\"client_info\":{\"host\":\"198.51.100.1\")",
  }));
  CHECK(peek(made::sign(made::with("/nats/client_info/name", name))).host == "192.0.2.7");
}

TEST_CASE("peek_request: what is not a request, or not whole, gives nothing and ends", "[nats]") {
  const std::string good = made::sign(made::claims());
  for (std::size_t size = 0; size < good.size(); ++size)
    static_cast<void>(peek(std::string_view{good}.substr(0, size)));
  struct Row {
    const char* what;
    std::string claims;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", ""},
      {"an open string", R"({"nats":{"client_info":{"host":"192.0.2.7)"},
      {"a name that does not end", R"({"client_info":{"host)"},
      {"a backslash at the end", R"({"client_info":{"host":"192\)"},
      {"no value", R"({"client_info":{"host":)"},
      {"an object in place of the host", R"({"client_info":{"host":{"host":"192.0.2.7"}}})"},
      {"white space", R"({ "client_info" : { "host" : "192.0.2.7" } })"},
      {"numbers", R"({"client_info":{"id":1e999,"a":)"},
  }));
  CAPTURE(row.what);
  const PeekedRequest peeked = peek(write_jwt(row.claims, made::server()));
  CHECK((peeked.host.empty() || row.what == std::string("an open string") ||
         row.what == std::string("a backslash at the end")));
  CHECK(peeked.user.empty());
}

TEST_CASE("peek_request: a timeout that is out of range is none", "[nats]") {
  for (const char* at : {"/exp", "/iat"}) {
    for (const Json& value : {Json(-1), Json(std::int64_t{1} << 62), Json("soon")})
      CHECK_FALSE(peek(made::sign(made::with(at, value))).timeout);
    CHECK_FALSE(peek(made::sign(made::without(at))).timeout);
  }
}

}  // namespace
}  // namespace auth
