#include "auth/nats/auth_request.h"

#include <fstream>
#include <vector>

#include "auth/base/base64.h"
#include "auth/base/json.h"
#include "tests/support/catch.h"
#include "tests/support/make_request.h"

namespace auth {
namespace {

using namespace std::chrono_literals;
using made::with;
using made::without;

// A request that nats-server 2.10.27 sealed and sent.
struct Capture {
  std::string sealed;
  std::string jwt;
  KeyPair xkey;
  PublicKey server_xkey;
  PublicKey issuer;
};

Capture capture() {
  std::ifstream file{std::string(CREDGATE_SOURCE_DIR) + "/tests/vectors/sealed-request.json"};
  const Json real = Json::parse(file);
  auto base64 = real["sealed_b64"].get<std::string>();
  const auto sealed = read_base64(base64);
  return {.sealed = std::string{text_of(sealed.value())},
          .jwt = real["jwt"].get<std::string>(),
          .xkey = read_seed(real["xkey_seed"].get<std::string>()).value(),
          .server_xkey = read_public_key(real["server_xkey"].get<std::string>()).value(),
          .issuer = read_public_key(real["claims"]["sub"].get<std::string>()).value()};
}

constexpr Time kCaptured{1'795'411'800s};

Expected expected_of(const Capture& real) {
  return {.issuers = {&real.issuer, 1}, .sealed_by = real.server_xkey, .now = kCaptured};
}

// Through a buffer without a terminator, so that the sanitizer sees one byte too far.
std::optional<Drop> drop_of(std::string_view text, const Expected& expected) {
  const std::vector<char> exact{text.begin(), text.end()};
  const auto read = read_request({exact.data(), exact.size()}, expected);
  return read ? std::nullopt : std::optional{read.error()};
}

std::optional<Drop> drop_of(const Json& claims) {
  return drop_of(made::sign(claims), made::expected());
}

// The good claims as text with one piece of it replaced: what no JSON library would write.
std::string spelled(std::string_view piece, const std::string& instead) {
  std::string text = made::claims().dump();
  text.replace(text.find(piece), piece.size(), instead);
  return text;
}

std::string nested(std::size_t levels, const char* open, const char* close) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i)
    text += open;
  text += "0";
  for (std::size_t i = 0; i < levels; ++i)
    text += close;
  return text;
}

struct Row {
  const char* what;
  Json claims;
  Drop drop;
};

TEST_CASE("auth_request: a real server's request is unsealed, verified and read", "[nats]") {
  const Capture real = capture();
  SharedKeys keys{real.xkey};
  const auto text = unseal_request(real.sealed, real.server_xkey, keys);
  REQUIRE(text);
  REQUIRE(text->view() == real.jwt);
  const auto request = read_request(text->view(), expected_of(real));
  REQUIRE(request);
  const auto key = [](const char* spelling) { return read_public_key(spelling).value(); };

  CHECK(request->server.id == key("NA774UEVRCL4MJNL7J3KFZXPZWM3T2377RMNPPLKHSLH4JIGJMEKCPGK"));
  CHECK(request->server.name == "srvA");
  CHECK(request->server.version == "2.10.27");
  CHECK(request->server.xkey == real.server_xkey);
  CHECK(request->issuer == real.issuer);
  CHECK(request->user_nkey == key("UC7IC7D7KKFLHVUYWSN5WU3OUKK3V2AK4GMV25CR6BBYXEWV5Q52DXKU"));
  CHECK(request->client.host == "127.0.0.1");
  CHECK(request->client.id == 10);
  CHECK(request->client.name.empty());
  CHECK(request->client.kind == "Client");
  CHECK(request->client.type == "nats");
  CHECK(request->client.nonce.empty());
  CHECK(request->connect.user == "u");
  CHECK(request->connect.pass.view() == "p");
  CHECK(request->connect.auth_token.empty());
  CHECK(request->connect.nkey.empty());
  CHECK(request->connect.sig.empty());
  CHECK(request->connect.jwt.empty());
  CHECK(request->connect.lang == "py-raw");
  CHECK(request->connect.version == "0.0.1");
  CHECK(request->issued_at == kCaptured);
  CHECK(request->expires_at == kCaptured + 2s);
}

TEST_CASE("auth_request: sealed bytes with the end cut off or one bit changed are refused",
          "[nats]") {
  const Capture real = capture();
  SharedKeys keys{real.xkey};
  const auto refused = [&](std::string_view sealed) {
    const auto text = unseal_request(sealed, real.server_xkey, keys);
    return !text && text.error() == Drop::bad_seal;
  };
  for (std::size_t size = 0; size < real.sealed.size(); ++size) {
    CAPTURE(size);
    REQUIRE(refused(std::string_view{real.sealed}.substr(0, size)));
  }
  REQUIRE(refused(real.sealed + '\0'));
  for (std::size_t bit = 0; bit < real.sealed.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string bad = real.sealed;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    REQUIRE(refused(bad));
  }
}

TEST_CASE("auth_request: a seal is opened only with our key and the key of who made it", "[nats]") {
  const Capture real = capture();
  const KeyPair other = made::key(Prefix::curve, 9);
  SharedKeys ours{real.xkey};
  SharedKeys others{other};
  CHECK_FALSE(unseal_request(real.sealed, real.server_xkey, others));
  CHECK_FALSE(unseal_request(real.sealed, other.public_key(), ours));
  CHECK_FALSE(unseal_request(real.sealed, {Prefix::server, real.server_xkey.bytes}, ours));
  CHECK_FALSE(unseal_request(real.sealed, {Prefix::curve, Key32{}}, ours));
}

TEST_CASE("auth_request: sealed bytes are refused unread when they are too many", "[nats]") {
  const Capture real = capture();
  SharedKeys keys{real.xkey};
  const auto drop = [&](std::size_t size) {
    return unseal_request(std::string(size, 'x'), real.server_xkey, keys).error();
  };
  CHECK(drop(kMaxRequestBytes + kSealOverhead) == Drop::bad_seal);
  CHECK(drop(kMaxRequestBytes + kSealOverhead + 1) == Drop::too_large);
}

TEST_CASE("auth_request: a real request with its end cut off or one bit changed is refused",
          "[nats]") {
  const Capture real = capture();
  const Expected expected = expected_of(real);
  REQUIRE_FALSE(drop_of(real.jwt, expected));
  for (std::size_t size = 0; size < real.jwt.size(); ++size) {
    CAPTURE(size);
    REQUIRE(drop_of(std::string_view{real.jwt}.substr(0, size), expected) == Drop::malformed);
  }
  for (std::size_t bit = 0; bit < real.jwt.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string bad = real.jwt;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    REQUIRE(drop_of(bad, expected));
  }
}

TEST_CASE("auth_request: a request is dropped for one thing that is wrong", "[nats]") {
  const std::string account = made::text(made::issuer());
  const std::string server = made::text(made::server());
  const std::string other_account = made::text(made::key(Prefix::account, 9));
  const std::string other_server = made::text(made::key(Prefix::server, 9));
  REQUIRE_FALSE(drop_of(made::claims()));
  const auto bad = GENERATE_COPY(values<Row>({
      {"no audience", without("/aud"), Drop::wrong_audience},
      {"another audience", with("/aud", "nats-authorization-response"), Drop::wrong_audience},
      {"an audience that only begins well", with("/aud", "nats-authorization-requests"),
       Drop::wrong_audience},
      {"an audience in a list", with("/aud", {"nats-authorization-request"}), Drop::wrong_audience},
      {"no subject", without("/sub"), Drop::wrong_subject},
      {"another account's subject", with("/sub", other_account), Drop::wrong_subject},
      {"a subject that is not an account", with("/sub", server), Drop::wrong_subject},
      {"the subject ADR-26 shows", with("/sub", "nats_user_auth_request"), Drop::wrong_subject},
      {"a subject that is a number", with("/sub", 1), Drop::wrong_subject},

      {"no issuer", without("/iss"), Drop::wrong_issuer},
      {"an issuer that is an account", with("/iss", account), Drop::wrong_issuer},
      {"an issuer in small letters", with("/iss", "na"), Drop::wrong_issuer},
      {"an issuer that is a list", with("/iss", {server}), Drop::wrong_issuer},
      {"an issuer that did not sign", with("/iss", other_server), Drop::bad_signature},
      {"another server's id", with("/nats/server_id/id", other_server), Drop::wrong_issuer},
      {"no server id", without("/nats/server_id/id"), Drop::wrong_issuer},
      {"a server id that is a number", with("/nats/server_id/id", 7), Drop::wrong_issuer},
      {"no server", without("/nats/server_id"), Drop::wrong_issuer},
      {"a server that is a list", with("/nats/server_id", {server}), Drop::wrong_issuer},
      {"a server that is null", with("/nats/server_id", nullptr), Drop::wrong_issuer},

      {"no type", without("/nats/type"), Drop::malformed},
      {"the type of a response", with("/nats/type", "authorization_response"), Drop::malformed},
      {"a type in capitals", with("/nats/type", "AUTHORIZATION_REQUEST"), Drop::malformed},
      {"a type that is null", with("/nats/type", nullptr), Drop::malformed},
      {"no version", without("/nats/version"), Drop::malformed},
      {"version 1", with("/nats/version", 1), Drop::malformed},
      {"version 3", with("/nats/version", 3), Drop::malformed},
      {"version -2", with("/nats/version", -2), Drop::malformed},
      {"version 2^64-1", with("/nats/version", UINT64_MAX), Drop::malformed},
      {"version 2.0", with("/nats/version", 2.0), Drop::malformed},
      {"version \"2\"", with("/nats/version", "2"), Drop::malformed},
      {"version true", with("/nats/version", true), Drop::malformed},
      {"no nats", without("/nats"), Drop::malformed},
      {"nats that is a list", with("/nats", {1, 2}), Drop::malformed},
      {"nats that is a string", with("/nats", "authorization_request"), Drop::malformed},

      {"no expiry", without("/exp"), Drop::malformed},
      {"an expiry that is a float", with("/exp", 1'800'000'002.0), Drop::malformed},
      {"an expiry that is a string", with("/exp", "1800000002"), Drop::malformed},
      {"an expiry that is null", with("/exp", nullptr), Drop::malformed},
      {"an expiry before 1970", with("/exp", -1), Drop::malformed},
      {"an expiry at -2^63", with("/exp", INT64_MIN), Drop::malformed},
      {"an expiry at 2^63-1", with("/exp", INT64_MAX), Drop::malformed},
      {"an expiry at 2^63", with("/exp", std::uint64_t{1} << 63), Drop::malformed},
      {"an expiry at 2^64-1", with("/exp", UINT64_MAX), Drop::malformed},
      {"an expiry beyond 2^40", with("/exp", (std::int64_t{1} << 40) + 1), Drop::malformed},
      {"an expiry in 1970", with("/exp", 0), Drop::expired},
      {"an expiry 31 seconds ago", with("/exp", 1'799'999'969), Drop::expired},

      {"no user nkey", without("/nats/user_nkey"), Drop::malformed},
      {"a user nkey that is an account", with("/nats/user_nkey", account), Drop::malformed},
      {"a user nkey that is empty", with("/nats/user_nkey", ""), Drop::malformed},
      {"a user nkey that is a number", with("/nats/user_nkey", 1), Drop::malformed},
  }));
  CAPTURE(bad.what);
  CHECK(drop_of(bad.claims) == bad.drop);
}

TEST_CASE("auth_request: a request is too old or too early only beyond the leeway", "[nats]") {
  const auto [what, now, leeway, drop] =
      GENERATE(table<const char*, Time, int, std::optional<Drop>>({
          {"an hour early", made::kNow - 1h, 30, Drop::not_yet_valid},
          {"one second more than the leeway early", made::kNow - 31s, 30, Drop::not_yet_valid},
          {"as early as the leeway", made::kNow - 30s, 30, std::nullopt},
          {"when it was issued", made::kNow, 0, std::nullopt},
          {"at its expiry", made::kNow + 2s, 0, std::nullopt},
          {"one second after it", made::kNow + 3s, 0, Drop::expired},
          {"at expiry and leeway", made::kNow + 32s, 30, std::nullopt},
          {"one second after both", made::kNow + 33s, 30, Drop::expired},
      }));
  CAPTURE(what);
  Expected expected = made::expected();
  expected.now = now;
  expected.leeway = std::chrono::seconds{leeway};
  CHECK(drop_of(made::sign(made::claims()), expected) == drop);
}

TEST_CASE("auth_request: the longest expiry that is read is 2^40 seconds", "[nats]") {
  CHECK(made::request(with("/exp", std::int64_t{1} << 40)).expires_at == Time{1s * (1LL << 40)});
}

TEST_CASE("auth_request: a moment of issue that no clock shows counts as none", "[nats]") {
  const auto iat =
      GENERATE(values<Json>({INT64_MIN, -1, INT64_MAX, UINT64_MAX, 1.5, "1", nullptr}));
  CAPTURE(iat);
  CHECK(made::request(with("/iat", iat)).issued_at == Time{});
}

TEST_CASE("auth_request: any of our issuers may be asked for, and none is not a wildcard",
          "[nats]") {
  const std::vector<PublicKey> ours = {made::key(Prefix::account, 8).public_key(),
                                       made::issuer().public_key()};
  Expected expected = made::expected();
  expected.issuers = ours;
  const std::string text = made::sign(made::claims());
  CHECK_FALSE(drop_of(text, expected));
  expected.issuers = {};
  CHECK(drop_of(text, expected) == Drop::wrong_subject);
}

TEST_CASE("auth_request: a sealed request comes from the server whose key sealed it", "[nats]") {
  Expected expected = made::expected();
  expected.sealed_by = made::key(Prefix::curve, 4).public_key();
  const auto drop = [&](const Json& claims) { return drop_of(made::sign(claims), expected); };
  CHECK_FALSE(drop(made::claims()));
  CHECK(drop(without("/nats/server_id/xkey")) == Drop::bad_seal);
  CHECK(drop(with("/nats/server_id/xkey", "X")) == Drop::bad_seal);
  CHECK(drop(with("/nats/server_id/xkey", 7)) == Drop::bad_seal);
  CHECK(drop(with("/nats/server_id/xkey", made::text(made::key(Prefix::curve, 9)))) ==
        Drop::bad_seal);
}

TEST_CASE("auth_request: nothing is judged that is not signed", "[nats]") {
  const KeyPair other = made::key(Prefix::server, 9);
  const std::string claims = with("/aud", "x").dump();
  CHECK(drop_of(write_jwt(claims, other), made::expected()) == Drop::bad_signature);
  // An account key of ours is not a server, whatever it signs.
  CHECK(drop_of(write_jwt(with("/iss", made::text(made::issuer())).dump(), made::issuer()),
                made::expected()) == Drop::wrong_issuer);
}

TEST_CASE("auth_request: a signed text that is not JSON object is malformed", "[nats]") {
  const auto [what, text] = GENERATE(table<const char*, std::string>({
      {"nothing", ""},
      {"a NUL", std::string(1, '\0')},
      {"null", "null"},
      {"a list", "[]"},
      {"a string", "\"aud\""},
      {"a number", "1800000002"},
      {"an object without end", made::claims().dump().substr(0, 700)},
      {"something after the object", made::claims().dump() + "x"},
      {"two objects", made::claims().dump() + made::claims().dump()},
      {"a comment", "/**/" + made::claims().dump()},
      {"an expiry too large for a float", spelled("1800000002", "1e999")},
      {"an expiry with a zero in front", spelled("1800000002", "01800000002")},
      {"an expiry that is NaN", spelled("1800000002", "NaN")},
      {"a password that is not UTF-8", spelled("zzz", "\xFF")},
      {"a password in overlong UTF-8", spelled("zzz", "\xC0\x80")},
      {"half a surrogate", spelled("zzz", R"(\ud800)")},
      {"a control character", spelled("zzz", "\n")},
      {"a member without a name", spelled("\"pass\":", "")},
      {"100,000 lists without end", std::string(100'000, '[')},
      {"90,000 lists", nested(90'000, "[", "]")},
  }));
  CAPTURE(what);
  CHECK(drop_of(write_jwt(text, made::server()), made::expected()) == Drop::malformed);
}

TEST_CASE("auth_request: a text is refused unread when it is too large", "[nats]") {
  const Expected expected = made::expected();
  CHECK(drop_of(std::string(kMaxRequestBytes, 'x'), expected) == Drop::malformed);
  CHECK(drop_of(std::string(kMaxRequestBytes + 1, 'x'), expected) == Drop::too_large);
}

TEST_CASE("auth_request: members that nobody asks for do no harm, however deep they are",
          "[nats]") {
  const auto [what, value] = GENERATE(table<const char*, std::string>({
      {"lists in lists", nested(95'000, "[", "]")},
      {"objects in objects", nested(30'000, "{\"a\":", "}")},
      {"a large number", "1e308"},
      {"a number beyond 64 bits", std::string(300, '9')},
  }));
  CAPTURE(what);
  const std::string text = spelled("\"protocol\":1", "\"protocol\":" + value);
  CHECK_FALSE(drop_of(write_jwt(text, made::server()), made::expected()));
}

TEST_CASE(
    "auth_request: of two members with one name the last one counts, for the checks as for the "
    "values",
    "[nats]") {
  const auto drop = [](std::string_view piece, const std::string& instead) {
    return drop_of(write_jwt(spelled(piece, instead), made::server()), made::expected());
  };
  CHECK(drop("\"aud\":", "\"aud\":\"x\",\"aud\":") == std::nullopt);
  CHECK(drop("\"exp\":", "\"aud\":\"x\",\"exp\":") == Drop::wrong_audience);
}

TEST_CASE("auth_request: what a client may leave out or a server spell otherwise counts as absent",
          "[nats]") {
  const auto value = GENERATE(
      values<Json>({nullptr, 7, -7, 1.5, true, Json::array({"a"}), Json::object({{"a", "b"}})}));
  const auto part = GENERATE("client_info", "connect_opts", "server_id");
  CAPTURE(part, value);
  Json claims = made::claims();
  for (auto& [name, member] : claims["nats"][part].items()) {
    if (name != "id") member = value;
  }
  const Request request = made::request(claims);
  const bool client = std::string_view{part} == "client_info";
  const bool connect = std::string_view{part} == "connect_opts";
  CHECK(request.client.host.empty() == client);
  CHECK(request.client.name.empty() == client);
  CHECK(request.client.kind.empty() == client);
  CHECK(request.client.type.empty() == client);
  CHECK(request.connect.user.empty() == connect);
  CHECK(request.connect.pass.empty() == connect);
  CHECK(request.connect.lang.empty() == connect);
  CHECK(request.connect.version.empty() == connect);
  CHECK(request.server.name.empty() == (!client && !connect));
  CHECK(request.server.xkey.has_value() == (client || connect));
}

TEST_CASE("auth_request: a request without what the client sent is read, with nothing in it",
          "[nats]") {
  const auto claims = GENERATE(values<Json>(
      {without("/nats/connect_opts"), with("/nats/connect_opts", Json::object()),
       with("/nats/connect_opts", nullptr), with("/nats/connect_opts", {"pass", "zzz"}),
       with("/nats/connect_opts", "zzz")}));
  const Request request = made::request(claims);
  CHECK(request.client.host == "192.0.2.7");
  CHECK(request.connect.user.empty());
  CHECK(request.connect.pass.empty());
  CHECK(request.connect.auth_token.empty());
  CHECK(request.connect.jwt.empty());
}

TEST_CASE(
    "auth_request: a request without what the server knows of the client is read, with nothing in "
    "it",
    "[nats]") {
  const auto claims =
      GENERATE(values<Json>({without("/nats/client_info"), with("/nats/client_info", nullptr),
                             with("/nats/client_info", {"host", "192.0.2.7"})}));
  const Request request = made::request(claims);
  CHECK(request.client.host.empty());
  CHECK(request.client.id == 0);
  CHECK(request.client.kind.empty());
  CHECK(request.connect.user == "dlc");
}

TEST_CASE("auth_request: a connection's number is any that fits 64 bits", "[nats]") {
  const auto id = [](const Json& value) {
    return made::request(with("/nats/client_info/id", value)).client.id;
  };
  CHECK(id(UINT64_MAX) == UINT64_MAX);
  CHECK(id(-1) == 0);
  CHECK(id(1.0) == 0);
  CHECK(id("9") == 0);
}

TEST_CASE("auth_request: all that a client sends at once is kept apart, word for word", "[nats]") {
  const std::string odd = std::string{"a\0b\n\"\\", 6} + "\u00fc\u2028";
  const Json connect = {{"user", odd}, {"pass", odd + "p"}, {"auth_token", odd + "t"},
                        {"nkey", "n"}, {"sig", "s"},        {"jwt", odd + "j"}};
  const Request request = made::request_of(connect, "nonce");
  CHECK(request.connect.user == odd);
  CHECK(request.connect.pass.view() == odd + "p");
  CHECK(request.connect.auth_token.view() == odd + "t");
  CHECK(request.connect.nkey == "n");
  CHECK(request.connect.sig == "s");
  CHECK(request.connect.jwt.view() == odd + "j");
  CHECK(request.client.nonce == "nonce");
}

TEST_CASE("auth_request: a secret that is taken out of a tree is not left there", "[nats]") {
  Json object = {{"pass", "a secret that is longer than any short string"}, {"number", 1}};
  CHECK(take_secret(object, "pass").view() == "a secret that is longer than any short string");
  CHECK(object == Json{{"pass", ""}, {"number", 1}});
  CHECK(take_secret(object, "number").empty());
  CHECK(take_secret(object, "absent").empty());
}

TEST_CASE("auth_request: a captured request may be of any age, and is checked otherwise",
          "[nats]") {
  Expected expected = made::expected();
  expected.now = made::kNow + 24h * 365;
  const std::string text = made::sign(made::claims());
  CHECK(drop_of(text, expected) == Drop::expired);
  expected.captured = true;
  CHECK(drop_of(text, expected) == std::nullopt);
  expected.now = made::kNow - 24h;
  CHECK(drop_of(text, expected) == std::nullopt);
  CHECK(drop_of(made::sign(without("/exp")), expected) == Drop::malformed);
  CHECK(drop_of(made::sign(with("/aud", "x")), expected) == Drop::wrong_audience);
  std::string broken = text;
  broken.back() = broken.back() == 'A' ? 'Q' : 'A';
  CHECK(drop_of(broken, expected).has_value());
}

TEST_CASE("auth_request: claims alone are read as those of a request are", "[nats]") {
  const auto read = read_claims(made::claims().dump(), made::expected());
  REQUIRE(read);
  const Request same = made::request(made::claims());
  CHECK(read->client.host == same.client.host);
  CHECK(read->connect.user == same.connect.user);
  CHECK(read->connect.pass.view() == same.connect.pass.view());
  const auto drop = [](const Json& claims) {
    const auto none = read_claims(claims.dump(), made::expected());
    return none ? std::nullopt : std::optional{none.error()};
  };
  CHECK(drop(with("/aud", "x")) == Drop::wrong_audience);
  CHECK(drop(with("/nats/server_id/id", made::text(made::issuer()))) == Drop::wrong_issuer);
  CHECK(drop(without("/nats/user_nkey")) == Drop::malformed);
  CHECK(drop(Json::array()) == Drop::malformed);
}

}  // namespace
}  // namespace auth
