#include "auth/presented.h"

#include <algorithm>

#include "auth/base64.h"
#include "auth/json_read.h"
#include "tests/unit/catch.h"
#include "tests/unit/make_request.h"

namespace auth {
namespace {

constexpr const char* kId = "CGAAAAAAAAAAAAAAAAAA";
// Its signature has both letters in which the two alphabets differ.
constexpr const char* kNonce = "l0rCcd3X3Vzsg-Q";

Signature signature() {
  return made::client().sign(kNonce);
}

// As Go, C, Java and Rust clients write it.
std::string url_form() {
  return write_base64url(signature());
}

// As Python and JavaScript clients write it.
std::string padded_form() {
  std::string text = url_form() + "==";
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  return text;
}

Json nkey_opts(const std::string& sig) {
  return {{"nkey", made::text(made::client())}, {"sig", sig}, {"protocol", 1}};
}

Json joined(Json one, const Json& other) {
  one.update(other);
  return one;
}

struct Row {
  const char* what;
  Json connect_opts;
  const char* nonce;
  Deny deny;
};

TEST_CASE("an id and its secret are presented wherever a client sends user and password") {
  const Json plain = {{"user", kId}, {"pass", "s3cret"}};
  const auto [what, connect] = GENERATE_COPY(table<const char*, Json>({
      {"a client", joined(plain, {{"lang", "go"}, {"protocol", 1}})},
      {"MQTT on 2.10.27",
       joined(plain, {{"jwt", "s3cret"}, {"auth_token", "s3cret"}, {"protocol", 0}})},
      {"MQTT on later servers", joined(plain, {{"auth_token", "s3cret"}, {"protocol", 0}})},
      {"a leafnode", joined(plain, {{"name", "leaf"}, {"version", "2.10.27"}, {"protocol", 3}})},
      {"a sentinel beside", joined(plain, {{"jwt", "eyJ0eXAi"}, {"sig", url_form()}})},
      {"a signature beside", joined(plain, {{"sig", url_form()}})},
      {"a token beside", joined(plain, {{"auth_token", "another"}})},
  }));
  CAPTURE(what);
  const Request request = made::request_of(connect, kNonce);
  const auto shown = presented(request);
  REQUIRE(shown);
  CHECK(shown->kind == Kind::key);
  CHECK(shown->login == kId);
  CHECK(std::get<SecretProof>(shown->proof).secret == "s3cret");
}

TEST_CASE("an nkey is presented with a signature in either spelling, whatever lies beside it") {
  REQUIRE(url_form().find('-') != std::string::npos);
  REQUIRE(url_form().find('_') != std::string::npos);
  const auto [what, connect] = GENERATE_COPY(table<const char*, Json>({
      {"base64url", nkey_opts(url_form())},
      {"padded base64", nkey_opts(padded_form())},
      {"creds of JavaScript and Java", joined(nkey_opts(url_form()), {{"jwt", "eyJ0eXAi"}})},
      {"user and password beside",
       joined(nkey_opts(url_form()), {{"user", kId}, {"pass", "s3cret"}})},
      {"a token beside", joined(nkey_opts(padded_form()), {{"auth_token", "t"}})},
  }));
  CAPTURE(what);
  const Request request = made::request_of(connect, kNonce);
  const auto shown = presented(request);
  REQUIRE(shown);
  CHECK(shown->kind == Kind::nkey);
  CHECK(shown->login == made::text(made::client()));
  const auto& proof = std::get<SignatureProof>(shown->proof);
  CHECK(proof.key == made::client().public_key());
  CHECK(proof.nonce == kNonce);
  CHECK(proof.signature == signature());
}

TEST_CASE("a signature is presented and not judged") {
  Signature other = signature();
  other[0] ^= 1;
  const Request request = made::request_of(nkey_opts(write_base64url(other)), kNonce);
  CHECK(std::get<SignatureProof>(presented(request)->proof).signature == other);
}

TEST_CASE("what cannot be judged is denied, and a failed proof falls through to no other") {
  const std::string key = made::text(made::client());
  const Json good_key = {{"user", kId}, {"pass", "s3cret"}};
  const auto bad = GENERATE_COPY(values<Row>({
      {"nothing", Json::object(), "", Deny::no_proof},
      {"nothing but a version", {{"lang", "go"}, {"protocol", 1}}, kNonce, Deny::no_proof},
      {"a password alone", {{"pass", "s3cret"}}, "", Deny::no_proof},
      {"a JWT alone", {{"jwt", "eyJ0eXAi"}}, "", Deny::no_proof},
      {"creds in configuration mode", {{"sig", url_form()}}, kNonce, Deny::no_proof},
      {"a JWT and its signature",
       {{"jwt", "eyJ0eXAi"}, {"sig", url_form()}},
       kNonce,
       Deny::no_proof},
      {"empty texts",
       {{"user", ""}, {"pass", ""}, {"auth_token", ""}, {"nkey", ""}},
       "",
       Deny::no_proof},

      {"an nkey that signs nothing", {{"nkey", key}}, kNonce, Deny::no_proof},
      {"an nkey with an empty signature", nkey_opts(""), kNonce, Deny::no_proof},
      {"an nkey without a nonce", nkey_opts(url_form()), "", Deny::no_proof},
      {"the same beside a good key", joined(nkey_opts(url_form()), good_key), "", Deny::no_proof},
      {"an nkey without signature beside a good key", joined({{"nkey", key}}, good_key), kNonce,
       Deny::no_proof},
      {"a bad nkey beside a good key", joined({{"nkey", "U"}, {"sig", url_form()}}, good_key),
       kNonce, Deny::malformed},
      {"an account's key",
       {{"nkey", made::text(made::issuer())}, {"sig", url_form()}},
       kNonce,
       Deny::malformed},
      {"a curve key",
       {{"nkey", made::text(made::key(Prefix::curve, 3))}, {"sig", url_form()}},
       kNonce,
       Deny::malformed},
      {"an nkey in small letters",
       {{"nkey", "u" + key.substr(1)}, {"sig", url_form()}},
       kNonce,
       Deny::malformed},
      {"an nkey with a space after",
       {{"nkey", key + " "}, {"sig", url_form()}},
       kNonce,
       Deny::malformed},
      {"a seed in place of the key",
       {{"nkey", made::client().seed().view()}, {"sig", url_form()}},
       kNonce,
       Deny::malformed},

      {"the signature zzz", nkey_opts("zzz"), kNonce, Deny::malformed},
      {"a signature of 63 bytes", nkey_opts(std::string(84, 'A')), kNonce, Deny::malformed},
      {"a signature of 65 bytes", nkey_opts(std::string(87, 'A')), kNonce, Deny::malformed},
      {"a long signature", nkey_opts(std::string(100'000, 'A')), kNonce, Deny::malformed},
      {"base64url with padding", nkey_opts(url_form() + "=="), kNonce, Deny::malformed},
      {"base64 without padding", nkey_opts(padded_form().substr(0, 86)), kNonce, Deny::malformed},
      {"half the padding", nkey_opts(padded_form().substr(0, 87)), kNonce, Deny::malformed},
      {"a line feed after", nkey_opts(url_form() + "\n"), kNonce, Deny::malformed},

      {"a password user", {{"user", "dlc"}, {"pass", "zzz"}}, "", Deny::unknown_credential},
      {"an id in small letters",
       {{"user", "cgaaaaaaaaaaaaaaaaaa"}, {"pass", "s3cret"}},
       "",
       Deny::unknown_credential},
      {"an id with a NUL after",
       {{"user", std::string{kId} + '\0'}, {"pass", "s3cret"}},
       "",
       Deny::unknown_credential},
      {"an id as a prefix",
       {{"user", std::string{kId} + "A"}, {"pass", "s3cret"}},
       "",
       Deny::unknown_credential},
      {"a token", {{"auth_token", "CGAAAAAAAAAAAAAAAAAA.s3cret"}}, "", Deny::unknown_credential},
      {"a token with one dot too many",
       {{"auth_token", "CGAAAAAAAAAAAAAAAAAA.s3.cret"}},
       "",
       Deny::unknown_credential},
      {"a token of another form", {{"auth_token", "tok"}}, "", Deny::unknown_credential},
      {"a token as the user",
       {{"user", "CGAAAAAAAAAAAAAAAAAA.s3cret"}},
       "",
       Deny::unknown_credential},
      {"a leafnode's token",
       {{"user", "tok"}, {"auth_token", "tok"}},
       "",
       Deny::unknown_credential},
      {"an id without a password", {{"user", kId}}, "", Deny::unknown_credential},
      {"an id and a token",
       {{"user", kId}, {"auth_token", "s3cret"}},
       "",
       Deny::unknown_credential},
  }));
  CAPTURE(bad.what);
  const Request request = made::request_of(bad.connect_opts, bad.nonce);
  const auto shown = presented(request);
  REQUIRE_FALSE(shown);
  CHECK(shown.error() == bad.deny);
}

TEST_CASE("what the server says of the user is no proof") {
  Json claims = made::without("/nats/connect_opts");
  claims["nats"]["client_info"]["user"] = kId;
  const Request request = made::request(claims);
  CHECK(presented(request).error() == Deny::no_proof);
}

}  // namespace
}  // namespace auth
