#include "auth/nats/jwt.h"

#include <fstream>
#include <vector>

#include <nlohmann/json.hpp>

#include "auth/base/base64.h"
#include "tests/support/catch.h"

using namespace auth;

namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::string_view kHeader = "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ";
constexpr std::string_view kSignature =
    "rlcVdOugpjEr2xyc9PXk3b0LqHEPuaiuJDq8uqlwLROAWKI1lDoH8kr3Wjp1828jlHREw4zUTOFTPtAI4KUpAA";
constexpr std::string_view kClaims =
    R"({"aud":"APP","exp":1900000000,"iat":1800000000,)"
    R"("iss":"ABJHLOVMPA4CI6R5KLNGOB4GSLNIY7IOUPAJC4YFNDLQVIOBYQGUWVLA","jti":"TESTVECTOR1",)"
    R"("name":"cred-42","nats":{"data":-1,"payload":-1,"pub":{"allow":["app.>"]},)"
    R"("resp":{"max":1,"ttl":5000000000},"sub":{"allow":["app.>","_INBOX.>"]},"subs":-1,)"
    R"("tags":["cred:42"],"type":"user","version":2},)"
    R"("sub":"UC7IC7D7KKFLHVUYWSN5WU3OUKK3V2AK4GMV25CR6BBYXEWV5Q52DXKU"})";

KeyPair issuer() {
  return *read_seed("SAANDLKMXL6CUS3CP52WIXBEDN6YJ545GDKC65U5JZPPV6WH6ESWUA6YAI");
}

std::string base64url(std::string_view text) {
  return write_base64url(bytes_of(text));
}

std::string token(std::string_view header, std::string_view claims, std::string_view signature) {
  return std::string{header} + "." + std::string{claims} + "." + std::string{signature};
}

std::string good_token() {
  return token(kHeader, base64url(kClaims), kSignature);
}

// The claims of a JWT that is well-formed and signed by `key`. Through a buffer without a
// terminator, so that the sanitizer sees one byte too far.
std::optional<std::string> trusted_claims(std::string_view text, const PublicKey& key) {
  const Bytes bytes = bytes_of(text);
  const Buffer exact{bytes.begin(), bytes.end()};
  const auto jwt = read_jwt(text_of(exact));
  if (!jwt || !verify(*jwt, key)) return std::nullopt;
  return std::string{jwt->claims.view()};
}

// The good claims under another header, signed over it.
std::string under_header(std::string_view header) {
  const std::string signed_part = base64url(header) + "." + base64url(kClaims);
  return signed_part + "." + write_base64url(issuer().sign(signed_part));
}

}  // namespace

TEST_CASE("jwt: a JWT is written as nats-io/jwt writes it", "[nats]") {
  CHECK(write_jwt(kClaims, issuer()) == good_token());
}

TEST_CASE("jwt: a JWT is read back with the claims' own bytes", "[nats]") {
  CHECK(trusted_claims(good_token(), issuer().public_key()) == kClaims);
  const auto claims = GENERATE(as<std::string>{}, "{}", "{ }", "{\"a\":\"\\u003c\"}\n");
  CHECK(trusted_claims(write_jwt(claims, issuer()), issuer().public_key()) == claims);
}

TEST_CASE("jwt: a real server's request is read and its signature holds", "[nats]") {
  std::ifstream file{CREDGATE_SOURCE_DIR "/tests/vectors/sealed-request.json"};
  const nlohmann::json real = nlohmann::json::parse(file);
  const auto server = read_public_key(real["claims"]["iss"].get<std::string>(), Prefix::server);
  REQUIRE(server);
  const auto claims = trusted_claims(real["jwt"].get<std::string>(), *server);
  REQUIRE(claims);
  CHECK(nlohmann::json::parse(*claims) == real["claims"]);
}

TEST_CASE("jwt: a JWT with its end cut off or one bit changed is unreadable or unsigned",
          "[nats]") {
  const std::string good = good_token();
  const PublicKey key = issuer().public_key();
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    REQUIRE_FALSE(trusted_claims(good.substr(0, size), key));
  }
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    REQUIRE_FALSE(trusted_claims(bad, key));
  }
}

TEST_CASE("jwt: another key's signature, or one over other claims, is not trusted", "[nats]") {
  const KeyPair other{Prefix::account, issuer().public_key().bytes};
  CHECK_FALSE(trusted_claims(good_token(), other.public_key()));
  CHECK_FALSE(trusted_claims(write_jwt(kClaims, other), issuer().public_key()));
  CHECK_FALSE(trusted_claims(token(kHeader, base64url("{}"), kSignature), issuer().public_key()));
  CHECK_FALSE(trusted_claims(good_token(), {Prefix::curve, issuer().public_key().bytes}));
}

TEST_CASE("jwt: a header is read as the server reads it", "[nats]") {
  const auto header = GENERATE(values<const char*>({
      R"({"typ":"JWT","alg":"ed25519-nkey"})",
      R"({"alg":"ed25519-nkey","typ":"JWT"})",
      R"({ "typ": "JWT", "alg": "ed25519-nkey" })",
      R"({"typ":"jwt","alg":"ed25519-nkey"})",
      R"({"typ":"JWT","alg":"ed25519"})",
      R"({"typ":"JWT","alg":"ED25519-NKEY"})",
      R"({"typ":"JWT","alg":"ed25519-nkey","kid":7})",
  }));
  CAPTURE(header);
  CHECK(trusted_claims(under_header(header), issuer().public_key()) == kClaims);
}

TEST_CASE("jwt: any other header is refused, even when its signature holds", "[nats]") {
  const auto [what, header] = GENERATE(table<const char*, std::string>({
      {"nothing", ""},
      {"an empty object", "{}"},
      {"no typ", R"({"alg":"ed25519-nkey"})"},
      {"no alg", R"({"typ":"JWT"})"},
      {"no signature", R"({"typ":"JWT","alg":"none"})"},
      {"an empty alg", R"({"typ":"JWT","alg":""})"},
      {"the registered name of the algorithm", R"({"typ":"JWT","alg":"EdDSA"})"},
      {"a shared secret", R"({"typ":"JWT","alg":"HS256"})"},
      {"an alg that only begins well", R"({"typ":"JWT","alg":"ed25519-nkey2"})"},
      {"an alg cut short", R"({"typ":"JWT","alg":"ed2551"})"},
      {"an alg with a NUL after", R"({"typ":"JWT","alg":"ed25519\u0000"})"},
      {"an alg that is a number", R"({"typ":"JWT","alg":25519})"},
      {"an alg that is a list", R"({"typ":"JWT","alg":["ed25519-nkey"]})"},
      {"an alg that is null", R"({"typ":"JWT","alg":null})"},
      {"another typ", R"({"typ":"JWS","alg":"ed25519-nkey"})"},
      {"a typ that is a number", R"({"typ":1,"alg":"ed25519-nkey"})"},
      {"member names in capitals", R"({"TYP":"JWT","ALG":"ed25519-nkey"})"},
      {"a list", R"(["typ","JWT","alg","ed25519-nkey"])"},
      {"a string", R"("ed25519-nkey")"},
      {"a number", "7"},
      {"no JSON", R"({"typ":"JWT","alg":"ed25519-nkey")"},
      {"something after the object", R"({"typ":"JWT","alg":"ed25519-nkey"}x)"},
      {"no UTF-8", "{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\",\"x\":\"\xFF\"}"},
      {"brackets without end", std::string(180, '[')},
      {"more than 256 characters",
       R"({"typ":"JWT","alg":"ed25519-nkey")" + std::string(160, ' ') + "}"},
  }));
  CAPTURE(what);
  CHECK_FALSE(trusted_claims(under_header(header), issuer().public_key()));
}

TEST_CASE("jwt: a header may have 256 characters and not one more", "[nats]") {
  // 192 bytes are 256 characters, and 193 are 258.
  const std::string header = R"({"typ":"JWT","alg":"ed25519-nkey"})";
  const PublicKey key = issuer().public_key();
  CHECK(trusted_claims(under_header(header + std::string(192 - header.size(), ' ')), key));
  CHECK_FALSE(trusted_claims(under_header(header + std::string(193 - header.size(), ' ')), key));
}

TEST_CASE("jwt: a JWT is three strict parts and a signature of 64 bytes", "[nats]") {
  const std::string claims = base64url(kClaims);
  const std::string good = good_token();
  const std::string header{kHeader};
  const std::string signature{kSignature};
  REQUIRE(read_jwt(good));
  const auto [what, text] = GENERATE_COPY(table<const char*, std::string>({
      {"nothing", ""},
      {"one dot", "."},
      {"two dots", ".."},
      {"one part", header},
      {"two parts", header + "." + claims},
      {"two parts, the second a signature", header + "." + signature},
      {"no header", "." + claims + "." + signature},
      {"no signature", header + "." + claims + "."},
      {"four parts", good + "." + signature},
      {"an empty fourth part", good + "."},
      {"an empty first part", "." + good},
      {"an empty part between", header + ".." + claims + "." + signature},
      {"a padded header", token(header + "==", claims, signature)},
      {"a padded signature", good + "=="},
      {"a signature of 63 bytes", token(header, claims, std::string(84, 'A'))},
      {"a signature of 65 bytes", token(header, claims, std::string(87, 'A'))},
      {"a signature with trailing bits", token(header, claims, signature.substr(0, 85) + "B")},
      {"a signature in the standard alphabet", token(header, claims, std::string(85, '+') + "A")},
      {"a header with trailing bits", token(header.substr(0, 45) + "R", claims, signature)},
      {"a header in small letters", token("ey" + header.substr(1), claims, signature)},
      {"claims with trailing bits", token(header, "e31", signature)},
      {"claims that are padded", token(header, claims + "=", signature)},
      {"claims in the standard alphabet", token(header, "++++", signature)},
      {"claims of one character", token(header, "e", signature)},
      {"a line end within the claims", token(header, "e3\n0", signature)},
      {"a NUL within the claims", token(header, std::string{"e3\0A", 4}, signature)},
      {"a space before", " " + good},
      {"a line end after", good + "\n"},
      {"a name before", "Bearer " + good},
  }));
  CAPTURE(what);
  CHECK_FALSE(read_jwt(text));
}
