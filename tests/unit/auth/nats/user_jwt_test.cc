#include <nlohmann/json.hpp>

#include "auth/nats/account_jwt.h"
#include "auth/nats/jwt.h"
#include "tests/support/catch.h"

using namespace auth;
using Json = nlohmann::json;

namespace {

constexpr Time kNow{std::chrono::seconds{1'800'000'000}};

KeyPair pair(Prefix prefix, std::uint8_t byte) {
  Key32 entropy{};
  entropy.fill(byte);
  return KeyPair{prefix, entropy};
}

std::string text(const KeyPair& key) {
  return write_public_key(key.public_key());
}

// The claims, if `issuer` signed them.
Json claims_of(const std::string& token, const KeyPair& issuer) {
  const auto jwt = read_jwt(token);
  REQUIRE(jwt);
  REQUIRE(verify(*jwt, issuer.public_key()));
  return Json::parse(jwt->claims.view());
}

const KeyPair kOperator = pair(Prefix::operator_key, 1);
const KeyPair kAccount = pair(Prefix::account, 2);
const KeyPair kSigning = pair(Prefix::account, 3);
const KeyPair kUser = pair(Prefix::user, 4);
const KeyPair kXkey = pair(Prefix::curve, 5);

}  // namespace

TEST_CASE("user_jwt: an operator signs itself and names the system account", "[nats]") {
  const Json claims =
      claims_of(write_setup_operator("acme", kAccount.public_key(), kNow, kOperator), kOperator);
  CHECK(claims ==
        Json{{"iat", 1'800'000'000},
             {"iss", text(kOperator)},
             {"name", "acme"},
             {"sub", text(kOperator)},
             {"nats", {{"type", "operator"}, {"version", 2}, {"system_account", text(kAccount)}}}});
}

TEST_CASE("user_jwt: an account is signed by the operator, and no limit is left at zero",
          "[nats]") {
  const Json claims =
      claims_of(write_setup_account({.key = kAccount.public_key(), .name = "APP"}, kNow, kOperator),
                kOperator);
  CHECK(claims["iss"] == text(kOperator));
  CHECK(claims["sub"] == text(kAccount));
  CHECK(claims["name"] == "APP");
  CHECK(claims["nats"] == Json{{"type", "account"},
                               {"version", 2},
                               {"limits",
                                {{"subs", -1},
                                 {"data", -1},
                                 {"payload", -1},
                                 {"imports", -1},
                                 {"exports", -1},
                                 {"wildcards", true},
                                 {"conn", -1},
                                 {"leaf", -1}}}});
}

TEST_CASE("user_jwt: an account has JetStream where it is asked for", "[nats]") {
  const Json limits = claims_of(
      write_setup_account({.key = kAccount.public_key(), .name = "APP", .jetstream = true}, kNow,
                          kOperator),
      kOperator)["nats"]["limits"];
  for (const char* limit : {"mem_storage", "disk_storage", "streams", "consumer"})
    CHECK(limits[limit] == -1);
}

TEST_CASE("user_jwt: an account lists its signing keys", "[nats]") {
  const Json claims = claims_of(
      write_setup_account(
          {.key = kAccount.public_key(), .name = "APP", .signing_keys = {kSigning.public_key()}},
          kNow, kOperator),
      kOperator);
  CHECK(claims["nats"]["signing_keys"] == Json::array({text(kSigning)}));
}

TEST_CASE("user_jwt: a callout account says who is not asked about, where to, and how it is sealed",
          "[nats]") {
  const Json claims = claims_of(
      write_setup_account({.key = kAccount.public_key(),
                           .name = "AUTH",
                           .callout = SetupCallout{.auth_users = {kUser.public_key()},
                                                   .allowed_accounts = {kSigning.public_key()},
                                                   .xkey = kXkey.public_key()}},
                          kNow, kOperator),
      kOperator);
  CHECK(claims["nats"]["authorization"] == Json{{"auth_users", Json::array({text(kUser)})},
                                                {"allowed_accounts", Json::array({text(kSigning)})},
                                                {"xkey", text(kXkey)}});
}

TEST_CASE("user_jwt: a user without lists may do nothing", "[nats]") {
  const Json claims =
      claims_of(write_setup_user({.key = kUser.public_key(), .name = "sentinel", .bearer = true},
                                 kNow, {.key = kSigning, .issuer_account = kAccount.public_key()}),
                kSigning);
  CHECK(claims["sub"] == text(kUser));
  CHECK(claims["nats"] == Json{{"type", "user"},
                               {"version", 2},
                               {"pub", {{"deny", Json::array({">"})}}},
                               {"sub", {{"deny", Json::array({">"})}}},
                               {"subs", -1},
                               {"data", -1},
                               {"payload", -1},
                               {"bearer_token", true},
                               {"issuer_account", text(kAccount)}});
}

TEST_CASE("user_jwt: a user that the account's own key signed names no issuer account", "[nats]") {
  const Json claims = claims_of(
      write_setup_user({.key = kUser.public_key(), .name = "gateway", .publish = {{"a.>"}, {}}},
                       kNow, {.key = kAccount}),
      kAccount);
  CHECK_FALSE(claims["nats"].contains("issuer_account"));
  CHECK(claims["nats"]["pub"] == Json{{"allow", Json::array({"a.>"})}});
  CHECK_FALSE(claims["nats"].contains("bearer_token"));
}
