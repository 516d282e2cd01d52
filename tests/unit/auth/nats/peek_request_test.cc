#include "auth/nats/peek_request.h"

#include <fstream>
#include <vector>

#include "auth/base/base64.h"
#include "auth/base/json.h"
#include "tests/support/catch.h"
#include "tests/support/make_request.h"

namespace auth {
namespace {

using namespace std::chrono_literals;

std::string unescaped(std::string_view raw) {
  return Json::parse('"' + std::string(raw) + '"').get<std::string>();
}

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
  CHECK(peeked.jwt.view() == string_at(connect, "jwt").substr(0, PeekedRequest::kMaxValue));
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
  CHECK(unescaped(peeked.user) == request->connect.user);
  CHECK(unescaped(peeked.nkey) == request->connect.nkey);
  CHECK(unescaped(peeked.auth_token.view()) == request->connect.auth_token.view());
  CHECK(unescaped(peeked.jwt.view()) == request->connect.jwt.view());
  CHECK(peeked.timeout == 2s);
  const PeekedRequest& verified = request->peeked;
  CHECK(verified.host == peeked.host);
  CHECK(verified.user == peeked.user);
  CHECK(verified.nkey == peeked.nkey);
  CHECK(verified.auth_token.view() == peeked.auth_token.view());
  CHECK(verified.jwt.view() == peeked.jwt.view());
}

// As nats-server writes them, with the client's names before what it sent.
std::string claims_of(const std::string& host, const std::string& name, const std::string& user) {
  return R"({"aud":"nats-authorization-request","exp":1800000002,"iat":1800000000,"nats":{)"
         R"("server_id":{"name":"s1","host":"0.0.0.0","id":"N"},"user_nkey":"U","client_info":{)" +
         host + R"("id":19,"user":")" + name + R"("},"connect_opts":{"user":")" + user +
         R"(","pass":"secret","protocol":1},"type":"authorization_request"}})";
}
const std::string kHost = R"("host":"192.0.2.7",)";

std::string escapes(std::size_t count) {
  std::string text;
  while (text.size() < 6 * count)
    text += R"(\u003c)";
  return text;
}

TEST_CASE("peek_request: no more is looked at of a long request than of a short one", "[nats]") {
  for (const std::size_t length : {10'000U, 40'000U}) {
    const std::string text =
        "e30." + write_base64url(bytes_of(claims_of(kHost, escapes(length), "bob")));
    // Whatever follows it is never read: here it would be no base64.
    std::string broken = text;
    broken.replace(kPeekedText, broken.npos, broken.size() - kPeekedText, '!');
    for (const std::string& each : {text + ".c2ln", text.substr(0, kPeekedText), broken}) {
      const PeekedRequest peeked = peek(each);
      CHECK(peeked.host == "192.0.2.7");
      CHECK(peeked.timeout == 2s);
      CHECK(peeked.user.empty());
    }
  }
}

TEST_CASE("peek_request: a value that is long, or cut off, is known by its beginning", "[nats]") {
  const auto user = [](const std::string& text) {
    return peek_claims(claims_of(kHost, "x", text)).user;
  };
  CHECK(user("alice") == "alice");
  CHECK(user(escapes(1000)) == escapes(1000).substr(0, PeekedRequest::kMaxValue));
  // Where it ends depends on what stands before it, and so does not count.
  const std::size_t before = claims_of(kHost, "", "").find(R"(","pass")");
  const auto late = [&](std::size_t length) {
    return peek_claims(
               claims_of(kHost, std::string(kPeekedClaims - before - length, 'x'), "alice and bob"))
        .user;
  };
  CHECK(late(13) == "");
  CHECK(late(14) == "alice and bob");
}

TEST_CASE("peek_request: where the host does not come first, none is found", "[nats]") {
  for (const std::string& host :
       {std::string{}, std::string{R"("name":"x","host":"192.0.2.7",)"},
        R"("host":")" + std::string(65, '1') + "\",", std::string{R"("host":7,)"}}) {
    CAPTURE(host);
    CHECK(peek_claims(claims_of(host, R"(\"host\":\"198.51.100.1\")", R"(x)")).host.empty());
  }
  // Nor where it is out of sight.
  CHECK(peek_claims(std::string(kPeekedClaims, ' ') + claims_of(kHost, "", "")).host.empty());
}

TEST_CASE("peek_request: the server's id is found wherever it stands, and never a part of it",
          "[nats]") {
  const std::string id = made::text(made::server());
  for (std::size_t size = 0; size < 1200; ++size) {
    const Json claims = made::with("/nats/client_info/name", std::string(size, 'x'));
    REQUIRE(peek_server_id(made::sign(claims)) == id);
  }
  CHECK(peek_server_id(made::sign(made::with("/nats/server_id/id", "N1"))).empty());
  CHECK(peek_server_id(made::sign(made::with("/nats/server_id/name", R"(","id":"N2)"))) == id);
  CHECK(peek_server_id("a.b.c").empty());
  CHECK(peek_server_id("").empty());
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
  CHECK(peeked.host.empty());
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
