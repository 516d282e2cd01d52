// What holds for every kind of credential, and what is peculiar to one.

#include <functional>

#include "auth/credential/capabilities.h"
#include "tests/support/catch.h"
#include "tests/support/decide_world.h"

namespace auth {
namespace {

using namespace std::chrono_literals;
using made::every_world;
using made::kId;
using made::kNow;
using made::master;
using made::World;

constexpr auto kKinds = {Kind::key,  Kind::password, Kind::token,
                         Kind::nkey, Kind::creds,    Kind::cert};

TEST_CASE("judge_kinds: a good proof of a good credential is granted what the credential gives",
          "[decision]") {
  for (const World& world : every_world()) {
    CAPTURE(world.what);
    const auto verdict = world.verdict();
    REQUIRE(verdict);
    CHECK(verdict->id == kId);
    CHECK(verdict->account == "APP");
    CHECK(verdict->permissions == expand(*world.credential));
    CHECK_FALSE(verdict->until);
  }
}

TEST_CASE("judge_kinds: a proof that does not hold is a bad one, whatever the kind", "[decision]") {
  for (World world : every_world()) {
    if (world.wrong.is_null()) continue;
    CAPTURE(world.what);
    world.connect = world.wrong;
    CHECK(world.denied() == Deny::bad_proof);
  }
}

TEST_CASE("judge_kinds: an unknown credential is denied, with a good proof as with a wrong one",
          "[decision]") {
  for (World world : every_world()) {
    CAPTURE(world.what);
    world.credential.reset();
    CHECK(world.denied() == Deny::unknown_credential);
    if (!world.wrong.is_null()) world.connect = world.wrong;
    CHECK(world.denied() == Deny::unknown_credential);
  }
}

TEST_CASE("judge_kinds: a credential of each kind is refused for what its record says",
          "[decision]") {
  struct Row {
    const char* what;
    std::function<void(Credential&)> change;
    Deny deny;
  };
  const auto row = GENERATE(values<Row>({
      {"suspended", [](Credential& c) { c.status = Status::suspended; }, Deny::suspended},
      {"revoked", [](Credential& c) { c.status = Status::revoked; }, Deny::revoked},
      {"revoked, its proofs destroyed",
       [](Credential& c) {
         c.status = Status::revoked;
         c.secrets.clear();
       },
       Deny::revoked},
      {"expired", [](Credential& c) { c.expires_at = kNow; }, Deny::expired},
      {"begins later", [](Credential& c) { c.not_before = kNow + 1s; }, Deny::not_yet_valid},
      {"of a reserved account", [](Credential& c) { c.account = "AUTH"; },
       Deny::account_not_allowed},
      {"no secret", [](Credential& c) { c.secrets.clear(); }, Deny::bad_proof},
  }));
  CAPTURE(row.what);
  for (World world : every_world()) {
    CAPTURE(world.what);
    row.change(*world.credential);
    CHECK(world.denied() == row.deny);
  }
}

TEST_CASE("judge_kinds: a record of another kind under the same login lets nobody in",
          "[decision]") {
  for (World world : every_world()) {
    CAPTURE(world.what);
    const Kind own = world.credential->kind;
    for (const Kind kind : kKinds) {
      CAPTURE(name(kind));
      world.credential->kind = kind;
      // Some clients present issued creds by their nkey alone.
      const bool fits = kind == own || (own == Kind::nkey && kind == Kind::creds);
      CHECK(world.denied() == (fits ? std::nullopt : std::optional{Deny::bad_proof}));
    }
  }
}

TEST_CASE("judge_kinds: a secret of another scheme than its proof fits nothing", "[decision]") {
  for (World world : every_world()) {
    CAPTURE(world.what);
    const Scheme own = world.credential->secrets[0].scheme;
    for (const auto scheme : {Scheme::blake2b, Scheme::public_key, Scheme::argon2id, Scheme::bcrypt,
                              Scheme::fingerprint, Scheme::opaque_token}) {
      CAPTURE(name(scheme));
      world.credential->secrets[0].scheme = scheme;
      // The hash of a password says by itself what it is; a login that is the proof is one login.
      const auto same = [&](Scheme a, Scheme b) {
        return (scheme == a || scheme == b) && (own == a || own == b);
      };
      const bool fits = scheme == own || same(Scheme::argon2id, Scheme::bcrypt) ||
                        same(Scheme::fingerprint, Scheme::opaque_token);
      CHECK(world.denied() == (fits ? std::nullopt : std::optional{Deny::bad_proof}));
    }
  }
}

TEST_CASE("judge_kinds: a secret counts until the end of its overlap, and not from then on",
          "[decision]") {
  for (World world : every_world()) {
    CAPTURE(world.what);
    auto& ends = world.credential->secrets[0].expires_at;
    ends = kNow + 2s;
    CHECK_FALSE(world.denied());
    ends = kNow + 1s;  // the server would cut the connection as it is made
    CHECK(world.denied() == Deny::bad_proof);
    ends = kNow;
    CHECK(world.denied() == Deny::bad_proof);
    ends = kNow - 1s;
    CHECK(world.denied() == Deny::bad_proof);
  }
}

TEST_CASE("judge_kinds: during a rotation both secrets fit, in whichever order they are stored",
          "[decision]") {
  const KeyPair other = made::key(Prefix::user, 9);
  const std::vector<std::pair<World, StoredSecret>> rotations = {
      {made::with_key(), made::hashed(master(1), kId, "another")},
      {made::with_token(), made::hashed(master(1), kId, "another")},
      {made::with_opaque_token(), made::opaque(master(2), "another")},
      {made::with_password(), made::argon2id("bob", "another")},
      {made::with_password(), made::bcrypt("bob")},
      {made::with_password(), made::argon2id("robert", "another")},
      {made::with_bcrypt(), made::argon2id("bob", "another")},
      {made::with_nkey(), made::registered(other)},
      {made::with_creds(), made::registered(other)},
      {made::with_certificate(), made::fingerprint("sha256:00")},
  };
  for (auto [world, second] : rotations) {
    CAPTURE(world.what);
    auto& secrets = world.credential->secrets;
    secrets.push_back(second);
    CHECK_FALSE(world.denied());
    std::swap(secrets[0], secrets[1]);
    CHECK_FALSE(world.denied());
    if (!world.wrong.is_null()) world.connect = world.wrong;
    CHECK(world.denied().value_or(Deny::bad_proof) == Deny::bad_proof);
  }
}

TEST_CASE("judge_kinds: a password fits its own hash under its own login", "[decision]") {
  struct Row {
    const char* what;
    std::function<void(World&, StoredSecret&)> change;
    std::optional<Deny> deny;
  };
  const auto row = GENERATE(values<Row>({
      {"as it is", [](World&, StoredSecret&) {}, std::nullopt},
      {"another cost",
       [](World&, StoredSecret& s) {
         s = made::argon2id("bob", "hunter2", {.memory_bytes = 16 << 10, .iterations = 2});
       },
       std::nullopt},
      {"a login in capitals", [](World& w, StoredSecret&) { w.connect["user"] = "BOB"; },
       Deny::bad_proof},
      {"another login in the record", [](World&, StoredSecret& s) { s.login = "robert"; },
       Deny::bad_proof},
      {"a password in capitals", [](World& w, StoredSecret&) { w.connect["pass"] = "HUNTER2"; },
       Deny::bad_proof},
      {"something after the password",
       [](World& w, StoredSecret&) { w.connect["pass"] = "hunter2 "; }, Deny::bad_proof},
      {"the hash in place of the password",
       [](World& w, StoredSecret& s) { w.connect["pass"] = s.password_hash; }, Deny::bad_proof},
      {"a destroyed hash", [](World&, StoredSecret& s) { s.password_hash.clear(); },
       Deny::bad_proof},
      {"a hash that is none", [](World&, StoredSecret& s) { s.password_hash = "hunter2"; },
       Deny::bad_proof},
      {"a hash that costs too much",
       [](World&, StoredSecret& s) {
         s.password_hash.replace(s.password_hash.find("m=8,"), 4, "m=524288,");
       },
       Deny::bad_proof},
      {"the hash that strangers are judged by",
       [](World& w, StoredSecret& s) {
         s.password_hash = decoy_password_hash(w.policy.password_cost);
       },
       Deny::bad_proof},
  }));
  CAPTURE(row.what);
  World world = made::with_password();
  row.change(world, world.credential->secrets[0]);
  CHECK(world.denied() == row.deny);
}

TEST_CASE(
    "judge_kinds: during a rotation a password fits the hash under the login that it came with",
    "[decision]") {
  World world = made::with_password();
  world.credential->secrets = {made::argon2id("bob", "old"), made::argon2id("robert", "new")};
  const auto denied = [&](const char* user, const char* pass) {
    world.connect = {{"user", user}, {"pass", pass}};
    return world.denied();
  };
  CHECK_FALSE(denied("bob", "old"));
  CHECK_FALSE(denied("robert", "new"));
  CHECK(denied("bob", "new") == Deny::bad_proof);
  CHECK(denied("robert", "old") == Deny::bad_proof);
  world.credential->secrets[0].expires_at = kNow;
  CHECK(denied("bob", "old") == Deny::bad_proof);
  CHECK_FALSE(denied("robert", "new"));
}

TEST_CASE("judge_kinds: bcrypt looks at 72 bytes, so what is after them is not judged",
          "[decision]") {
  // "a" 72 times, made by libxcrypt.
  World world = made::with_bcrypt();
  world.connect["pass"] = std::string(72, 'a');
  world.credential->secrets[0].password_hash =
      "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
  CHECK_FALSE(world.denied());
  world.connect["pass"] = std::string(72, 'a') + "b";
  CHECK_FALSE(world.denied());
  world.connect["pass"] = std::string(71, 'a') + "b";
  CHECK(world.denied() == Deny::bad_proof);
}

TEST_CASE("judge_kinds: what is hashed under an older master key fits while that key is held",
          "[decision]") {
  const auto [what, held, fits] = GENERATE(table<const char*, std::uint8_t, bool>({
      {"the newest", std::uint8_t{2}, true},
      {"an older one", std::uint8_t{1}, true},
      {"one that is not held", std::uint8_t{9}, false},
  }));
  CAPTURE(what);
  const MasterKey key = master(held);
  const auto expected = fits ? std::nullopt : std::optional{Deny::bad_proof};
  World world = made::with_key();
  world.credential->secrets = {made::hashed(key, kId, made::kSecret)};
  CHECK(world.denied() == expected);
  world = made::with_token();
  world.credential->secrets = {made::hashed(key, kId, made::kTokenSecret)};
  CHECK(world.denied() == expected);
  world = made::with_opaque_token();
  world.credential->secrets = {made::opaque(key, "s3cr3t")};
  CHECK(world.denied() == expected);
}

TEST_CASE(
    "judge_kinds: a token of ours fits its own id, and one that was made elsewhere its own login",
    "[decision]") {
  World world = made::with_token();
  world.connect = {{"auth_token", made::kOtherId + std::string(".s")}};
  CHECK(world.denied() == Deny::bad_proof);
  // The keyed hash is public to whoever reads the log of changes: it is not a token.
  world = made::with_opaque_token();
  world.connect = {{"auth_token", world.credential->secrets[0].login}};
  CHECK(world.denied() == Deny::bad_proof);
}

TEST_CASE("judge_kinds: a certificate counts by its own fingerprint or by that of its public key",
          "[decision]") {
  CHECK_FALSE(made::with_certificate(made::kCertificateLogin).denied());
  CHECK_FALSE(made::with_certificate(made::kPublicKeyLogin).denied());
  for (const char* other : {"rsa-2048.pem", "ed25519.pem"}) {
    World world = made::with_certificate();
    world.client_tls = made::verified(made::certificate(other));
    CHECK(world.denied() == Deny::bad_proof);
  }
  World unverified = made::with_certificate();
  unverified.client_tls = {{"certs", Json::array({made::certificate("p-256.pem")})}};
  CHECK(unverified.denied() == Deny::no_proof);
}

TEST_CASE("judge_kinds: creds are let in by an nkey's signature too, and an nkey never by creds",
          "[decision]") {
  World world = made::with_nkey();
  world.credential->kind = Kind::creds;
  CHECK_FALSE(world.denied());
  world = made::with_creds();
  world.credential->kind = Kind::nkey;
  CHECK(world.denied() == Deny::bad_proof);
}

TEST_CASE("judge_kinds: a user JWT gives nothing by what it claims, whoever signed it",
          "[decision]") {
  World world = made::with_creds();
  const Json claims = {
      {"sub", made::text(made::client())}, {"exp", 1}, {"nats", {{"pub", {{"allow", {">"}}}}}}};
  world.connect["jwt"] = write_jwt(claims.dump(), made::key(Prefix::account, 99));
  const auto verdict = world.verdict();
  REQUIRE(verdict);
  CHECK(verdict->permissions == expand(*world.credential));
  CHECK_FALSE(verdict->until);
}

TEST_CASE("judge_kinds: admit is what decide says once the proof holds", "[decision]") {
  const auto change = GENERATE(values<std::function<void(Credential&)>>({
      [](Credential&) {},
      [](Credential& c) { c.status = Status::suspended; },
      [](Credential& c) { c.status = Status::revoked; },
      [](Credential& c) { c.expires_at = kNow + 1s; },
      [](Credential& c) { c.expires_at = kNow + 1h; },
      [](Credential& c) { c.not_before = kNow + 1s; },
      [](Credential& c) { c.regions = {"us"}; },
      [](Credential& c) { c.account = "SYS"; },
      [](Credential& c) { c.sources = {read_cidr("10.0.0.0/8").value()}; },
      [](Credential& c) { c.connection_types = {ConnectionType::mqtt}; },
      [](Credential& c) { c.times = {{1h, 2h}}; },
      [](Credential& c) { c.session_ttl = 10s; },
  }));
  for (World world : every_world()) {
    CAPTURE(world.what);
    change(*world.credential);
    const auto decided = world.verdict();
    const auto admitted = world.judge().admit(*world.credential, world.request().client, kNow);
    REQUIRE(static_cast<bool>(decided) == static_cast<bool>(admitted));
    if (decided) CHECK(*decided == *admitted);
    if (!decided) CHECK(decided.error() == admitted.error());
  }
}

}  // namespace
}  // namespace auth
