#include "tests/support/decide_world.h"

namespace auth::made {

StoredSecret hashed(const MasterKey& key, std::string_view id, std::string_view secret) {
  return {.scheme = Scheme::blake2b,
          .key_id = key.key_id(),
          .hash = key.hash_secret(id, secret),
          .created_at = kStored};
}

StoredSecret registered(const KeyPair& pair) {
  return {.scheme = Scheme::public_key, .login = text(pair), .created_at = kStored};
}

StoredSecret argon2id(const std::string& login, std::string_view password,
                      const PasswordCost& cost) {
  return {.scheme = Scheme::argon2id,
          .login = login,
          .created_at = kStored,
          .password_hash = hash_password(password, cost, kSalt)};
}

StoredSecret bcrypt(const std::string& login) {
  return {
      .scheme = Scheme::bcrypt, .login = login, .created_at = kStored, .password_hash = kBcrypt};
}

StoredSecret opaque(const MasterKey& key, std::string_view token) {
  return {.scheme = Scheme::opaque_token,
          .key_id = key.key_id(),
          .login = key.token_login(token),
          .created_at = kStored};
}

StoredSecret fingerprint(const char* login) {
  return {.scheme = Scheme::fingerprint, .login = login, .created_at = kStored};
}

std::optional<std::chrono::seconds> zone(std::string_view name, Time /*at*/) {
  if (name == "Test/Late") return std::chrono::hours{6};
  return std::nullopt;
}

Request World::request() const {
  Json claims = made::claims();
  claims["nats"]["connect_opts"] = connect;
  claims["nats"]["client_info"] = client;
  claims["nats"]["client_tls"] = client_tls;
  return made::request(claims);
}
Result<Grant, Deny> World::verdict() const {
  const Request asked = request();
  const Judge by = judge();
  const auto shown = by.identify(asked);
  if (!shown) return shown.error().reason;
  return by.decide(asked, *shown, credential, now).verdict;
}

std::optional<Deny> World::denied() const {
  const auto given = verdict();
  return given ? std::nullopt : std::optional{given.error()};
}

std::optional<Judge::Rehash> World::rehash() const {
  const Request asked = request();
  const Judge by = judge();
  const auto shown = by.identify(asked);
  const auto fitted = by.decide(asked, *shown, credential, now).secret;
  if (!fitted) return std::nullopt;
  return by.rehash(*shown, *credential, credential->secrets.at(*fitted), kFresh);
}

Credential base(Kind kind) {
  Credential c;
  c.id = kId;
  c.kind = kind;
  c.account = "APP";
  c.publish = true;
  c.subjects = {"orders.>"};
  return c;
}

World with(Kind kind, StoredSecret secret) {
  World world;
  world.credential = base(kind);
  world.credential->secrets = {std::move(secret)};
  return world;
}

World with_key() {
  World world = with(Kind::key, hashed(master_keys().current(), kId, kSecret));
  world.what = "a key";
  world.connect = {{"user", kId}, {"pass", kSecret}};
  world.wrong = {{"user", kId}, {"pass", "x"}};
  return world;
}

World with_token() {
  World world = with(Kind::token, hashed(master_keys().current(), kId, kTokenSecret));
  world.what = "a token";
  world.connect = {{"auth_token", kId + std::string(".") + kTokenSecret}};
  world.wrong = {{"auth_token", kId + std::string(".x")}};
  return world;
}

World with_opaque_token() {
  World world = with(Kind::token, opaque(master_keys().current(), "s3cr3t"));
  world.what = "an opaque token";
  world.connect = {{"auth_token", "s3cr3t"}};
  world.wrong = {{"auth_token", "s3cr3T"}};
  return world;
}

World with_password() {
  World world = with(Kind::password, argon2id("bob", "hunter2"));
  world.what = "a password";
  world.connect = {{"user", "bob"}, {"pass", "hunter2"}};
  world.wrong = {{"user", "bob"}, {"pass", "hunter3"}};
  return world;
}

World with_bcrypt() {
  World world = with(Kind::password, bcrypt("bob"));
  world.what = "a password under bcrypt";
  world.connect = {{"user", "bob"}, {"pass", kBcryptPassword}};
  world.wrong = {{"user", "bob"}, {"pass", "hunter3"}};
  return world;
}

World with_nkey() {
  World world = with(Kind::nkey, registered(client()));
  world.what = "an nkey";
  world.connect = {{"nkey", text(client())}, {"sig", url_form()}};
  world.wrong = {{"nkey", text(client())}, {"sig", url_form(client(), "another nonce")}};
  world.client["nonce"] = kNonce;
  return world;
}

World with_creds() {
  World world = with(Kind::creds, registered(client()));
  world.what = "creds";
  world.policy.mode = operator_mode();
  const std::string jwt = user_jwt(text(client()));
  world.connect = {{"jwt", jwt}, {"sig", url_form()}};
  world.wrong = {{"jwt", jwt}, {"sig", url_form(client(), "another nonce")}};
  world.client["nonce"] = kNonce;
  return world;
}

World with_certificate(const char* login) {
  World world = with(Kind::cert, fingerprint(login));
  world.what = "a certificate";
  world.connect = Json::object();
  world.client_tls = verified(certificate("p-256.pem"));
  return world;
}

std::vector<World> every_world() {
  return {with_key(),    with_token(), with_opaque_token(), with_password(),
          with_bcrypt(), with_nkey(),  with_creds(),        with_certificate()};
}

}  // namespace auth::made
