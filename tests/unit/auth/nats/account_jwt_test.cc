#include "auth/nats/account_jwt.h"

#include "auth/base/json.h"
#include "auth/nats/jwt.h"
#include "tests/support/catch.h"
#include "tests/support/make_request.h"

namespace auth {
namespace {

using made::kNow;

// What this key signed.
Json opened(const std::string& text, const KeyPair& by) {
  const auto jwt = read_jwt(text);
  REQUIRE(jwt);
  REQUIRE(verify(*jwt, by.public_key()));
  return read_json_object(jwt->claims.view()).value();
}

SetupUser user() {
  return {.key = made::client().public_key(), .name = "sentinel"};
}

Json claims_of(const SetupUser& of) {
  return opened(write_setup_user(of, kNow, {.key = made::issuer()}), made::issuer());
}

TEST_CASE("account_jwt: a user that nothing was given to may do nothing, and has no end",
          "[nats]") {
  CHECK(claims_of(user()) == Json{{"iat", 1'800'000'000},
                                  {"iss", made::text(made::issuer())},
                                  {"name", "sentinel"},
                                  {"sub", made::text(made::client())},
                                  {"nats",
                                   {{"type", "user"},
                                    {"version", 2},
                                    {"pub", {{"deny", {">"}}}},
                                    {"sub", {{"deny", {">"}}}},
                                    {"subs", -1},
                                    {"data", -1},
                                    {"payload", -1}}}});
}

TEST_CASE("account_jwt: an account has no limit but the largest message that was given", "[nats]") {
  const auto key = made::key(auth::Prefix::account, 2);
  const auto operator_key = made::key(auth::Prefix::operator_key, 3);
  const auto payload = [&](const auth::SetupAccount& account) {
    return opened(auth::write_setup_account(account, kNow, operator_key),
                  operator_key)["nats"]["limits"]["payload"];
  };
  CHECK(payload({.key = key.public_key(), .name = "ADMIN"}) == -1);
  CHECK(payload({.key = key.public_key(), .name = "ADMIN", .max_payload = 1 << 19}) == 1 << 19);
}

TEST_CASE("account_jwt: a user has what was given, and no list allows what another does",
          "[nats]") {
  SetupUser given = user();
  given.subscribe = {{"$SYS.REQ.USER.AUTH"}, {}};
  given.allow_responses = true;
  Json nats = claims_of(given)["nats"];
  CHECK(nats["pub"] == Json{{"deny", {">"}}});
  CHECK(nats["sub"] == Json{{"allow", {"$SYS.REQ.USER.AUTH"}}});
  CHECK(nats["resp"]["max"] == 1);
  CHECK_FALSE(nats.contains("bearer_token"));

  given = user();
  given.publish = {{"a", "b"}, {"c"}};
  nats = claims_of(given)["nats"];
  CHECK(nats["pub"] == Json{{"allow", {"a", "b"}}, {"deny", {"c"}}});
  CHECK(nats["sub"] == Json{{"deny", {">"}}});
  CHECK_FALSE(nats.contains("resp"));
}

TEST_CASE("account_jwt: a user's JWT is enough without its seed only where that was asked for",
          "[nats]") {
  CHECK_FALSE(claims_of(user())["nats"].contains("bearer_token"));
  SetupUser bearer = user();
  bearer.bearer = true;
  CHECK(claims_of(bearer)["nats"]["bearer_token"] == true);
}

TEST_CASE(
    "account_jwt: a signing key says for which account it signs, and the account's own key does "
    "not",
    "[nats]") {
  CHECK_FALSE(claims_of(user())["nats"].contains("issuer_account"));
  const KeyPair signing = made::key(Prefix::account, 21);
  const std::string text = write_setup_user(
      user(), kNow, {.key = signing, .issuer_account = made::issuer().public_key()});
  const Json claims = opened(text, signing);
  CHECK(claims["iss"] == made::text(signing));
  CHECK(claims["nats"]["issuer_account"] == made::text(made::issuer()));
  CHECK_FALSE(verify(*read_jwt(text), made::issuer().public_key()));
}

TEST_CASE("account_jwt: an export needs an activation, and the exporter gives one account its own",
          "[nats]") {
  const KeyPair root = made::key(Prefix::operator_key, 22);
  const KeyPair exporter = made::key(Prefix::account, 23);
  const PublicKey importer = made::key(Prefix::account, 24).public_key();
  const Json exports = opened(
      write_setup_account({.key = exporter.public_key(),
                           .name = "AUTH",
                           .exports = {{.subject = "a.>"}, {.subject = "b", .service = false}}},
                          kNow, root),
      root)["nats"]["exports"];
  REQUIRE(exports.size() == 2);
  for (const Json& one : exports)
    CHECK(one["token_req"] == true);

  SetupImport import{.subject = "b", .account = exporter.public_key(), .service = false};
  import.activation = write_setup_activation(import, importer, kNow, exporter);
  CHECK(opened(import.activation, exporter) ==
        Json{{"iat", 1'800'000'000},
             {"iss", write_public_key(exporter.public_key())},
             {"name", "b"},
             {"sub", write_public_key(importer)},
             {"nats",
              {{"type", "activation"}, {"version", 2}, {"subject", "b"}, {"kind", "stream"}}}});
  const Json imports = opened(
      write_setup_account({.key = importer, .name = "ADMIN", .imports = {import}}, kNow, root),
      root)["nats"]["imports"];
  CHECK(imports[0]["token"] == import.activation);
}

}  // namespace
}  // namespace auth
