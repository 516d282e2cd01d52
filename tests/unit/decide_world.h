#pragma once
// All that a verdict depends on: good for each kind of credential, to be broken by one thing.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/decide.h"
#include "auth/password.h"
#include "tests/unit/make_proof.h"

namespace auth::made {

inline constexpr const char* kSecret = "a generated secret of forty characters.";
inline constexpr const char* kTokenSecret = "forty-characters-without-a-dot-in-them-x";
// Least memory, so that a hash takes no time.
inline constexpr PasswordCost kCheap{.memory_bytes = 8 << 10, .iterations = 1};
inline constexpr std::array<std::uint8_t, 16> kSalt{1, 2, 3};
// nats-server's test/auth_test.go, made by its mkpasswd.
inline constexpr const char* kBcrypt =
    "$2a$04$Q.CgCP2Sl9pkcTXEZHazaeMwPaAkSHk7AI51HkyMt5iJQQyUA4qxq";
inline constexpr const char* kBcryptPassword = "IW@$6v(y1(t@fhPDvf!5^%";

inline constexpr Time kStored = kNow - std::chrono::hours{24};

inline StoredSecret hashed(const MasterKey& key, std::string_view id, std::string_view secret) {
  return {.scheme = Scheme::blake2b,
          .key_id = key.key_id(),
          .hash = key.hash_secret(id, secret),
          .created_at = kStored};
}

inline StoredSecret registered(const KeyPair& pair) {
  return {.scheme = Scheme::public_key, .login = text(pair), .created_at = kStored};
}

inline StoredSecret argon2id(const std::string& login, std::string_view password,
                             const PasswordCost& cost = kCheap) {
  return {.scheme = Scheme::argon2id,
          .login = login,
          .created_at = kStored,
          .password_hash = hash_password(password, cost, kSalt)};
}

inline StoredSecret bcrypt(const std::string& login) {
  return {
      .scheme = Scheme::bcrypt, .login = login, .created_at = kStored, .password_hash = kBcrypt};
}

inline StoredSecret opaque(const MasterKey& key, std::string_view token) {
  return {.scheme = Scheme::opaque_token,
          .key_id = key.key_id(),
          .login = key.token_login(token),
          .created_at = kStored};
}

inline StoredSecret fingerprint(const char* login) {
  return {.scheme = Scheme::fingerprint, .login = login, .created_at = kStored};
}

// An offset that no real zone has: what is judged in UTC by mistake is off by hours.
inline std::optional<std::chrono::seconds> zone(std::string_view name, Time /*at*/) {
  if (name == "Test/Late") return std::chrono::hours{6};
  return std::nullopt;
}

struct World {
  const char* what = "";
  std::optional<Credential> credential;
  Json connect;
  Json wrong;  // a CONNECT of the same form whose proof does not hold
  Json client = {{"host", "192.0.2.7"}, {"id", 9}, {"kind", "Client"}, {"type", "nats"}};
  Json client_tls;
  Policy policy = {.accounts = {"APP", "AUTH", "SYS"},
                   .reserved = {"AUTH", "SYS"},
                   .scoped = {},
                   .region = "eu",
                   .mode = {},
                   .password_cost = kCheap};
  Time now = kNow;

  Request request() const {
    Json claims = made::claims();
    claims["nats"]["connect_opts"] = connect;
    claims["nats"]["client_info"] = client;
    claims["nats"]["client_tls"] = client_tls;
    return made::request(claims);
  }
  Judge judge() const { return Judge{policy, master_keys(), zone}; }

  Result<Grant, Deny> verdict() const {
    const Request asked = request();
    const Judge by = judge();
    const auto shown = by.presented(asked);
    if (!shown) return shown.error();
    return by.decide(asked, *shown, credential, now).verdict;
  }
  std::optional<Deny> denied() const {
    const auto given = verdict();
    return given ? std::nullopt : std::optional{given.error()};
  }
  // The request must outlive the call only.
  std::optional<Judge::Renewal> renewal() const {
    const Request asked = request();
    const Judge by = judge();
    const auto shown = by.presented(asked);
    const auto fitted = by.decide(asked, *shown, credential, now).secret;
    if (!fitted) return std::nullopt;
    return by.renewal(*shown, *credential, credential->secrets.at(*fitted), kSalt);
  }
};

inline Credential base(Kind kind) {
  Credential c;
  c.id = kId;
  c.kind = kind;
  c.account = "APP";
  c.publish = true;
  c.subjects = {"orders.>"};
  return c;
}

inline World with(Kind kind, StoredSecret secret) {
  World world;
  world.credential = base(kind);
  world.credential->secrets = {std::move(secret)};
  return world;
}

inline World with_key() {
  World world = with(Kind::key, hashed(master_keys().current(), kId, kSecret));
  world.what = "a key";
  world.connect = {{"user", kId}, {"pass", kSecret}};
  world.wrong = {{"user", kId}, {"pass", "x"}};
  return world;
}

inline World with_token() {
  World world = with(Kind::token, hashed(master_keys().current(), kId, kTokenSecret));
  world.what = "a token";
  world.connect = {{"auth_token", kId + std::string(".") + kTokenSecret}};
  world.wrong = {{"auth_token", kId + std::string(".x")}};
  return world;
}

inline World with_opaque_token() {
  World world = with(Kind::token, opaque(master_keys().current(), "s3cr3t"));
  world.what = "an opaque token";
  world.connect = {{"auth_token", "s3cr3t"}};
  world.wrong = {{"auth_token", "s3cr3T"}};
  return world;
}

inline World with_password() {
  World world = with(Kind::password, argon2id("bob", "hunter2"));
  world.what = "a password";
  world.connect = {{"user", "bob"}, {"pass", "hunter2"}};
  world.wrong = {{"user", "bob"}, {"pass", "hunter3"}};
  return world;
}

inline World with_bcrypt() {
  World world = with(Kind::password, bcrypt("bob"));
  world.what = "a password under bcrypt";
  world.connect = {{"user", "bob"}, {"pass", kBcryptPassword}};
  world.wrong = {{"user", "bob"}, {"pass", "hunter3"}};
  return world;
}

inline World with_nkey() {
  World world = with(Kind::nkey, registered(client()));
  world.what = "an nkey";
  world.connect = {{"nkey", text(client())}, {"sig", url_form()}};
  world.wrong = {{"nkey", text(client())}, {"sig", url_form(client(), "another nonce")}};
  world.client["nonce"] = kNonce;
  return world;
}

// Operator mode.
inline World with_creds() {
  World world = with(Kind::creds, registered(client()));
  world.what = "creds";
  world.policy.mode = operator_mode();
  const std::string jwt = user_jwt(text(client()));
  world.connect = {{"jwt", jwt}, {"sig", url_form()}};
  world.wrong = {{"jwt", jwt}, {"sig", url_form(client(), "another nonce")}};
  world.client["nonce"] = kNonce;
  return world;
}

// There is no wrong proof: whoever presents another certificate presents another login.
inline World with_certificate(const char* login = kCertificateLogin) {
  World world = with(Kind::cert, fingerprint(login));
  world.what = "a certificate";
  world.connect = Json::object();
  world.client_tls = verified(certificate("p-256.pem"));
  return world;
}

// One of each kind, and of each form in which a proof is stored.
inline std::vector<World> every_world() {
  return {with_key(),    with_token(), with_opaque_token(), with_password(),
          with_bcrypt(), with_nkey(),  with_creds(),        with_certificate()};
}

}  // namespace auth::made
