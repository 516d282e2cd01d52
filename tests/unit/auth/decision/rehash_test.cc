// How a secret that was just proved would be stored today.

#include "tests/support/catch.h"
#include "tests/support/decide_world.h"

namespace auth {
namespace {

using namespace std::chrono_literals;
using made::every_world;
using made::kId;
using made::kNow;
using made::kSecret;
using made::master;
using made::World;

// What a renewal may never touch.
void check_same_secret(const StoredSecret& before, const StoredSecret& after) {
  CHECK(after.login == before.login);
  CHECK(after.created_at == before.created_at);
  CHECK(after.expires_at == before.expires_at);
}

// The world after the renewal was stored.
World renewed(World world, const Judge::Rehash& rehash) {
  for (auto& secret : world.credential->secrets) {
    if (secret == rehash.before) secret = rehash.after;
  }
  return world;
}

TEST_CASE("rehash: what is stored as it would be today is not renewed", "[decision]") {
  for (const World& world : every_world()) {
    CAPTURE(world.what);
    CHECK(world.rehash().has_value() == (world.credential->secrets[0].scheme == Scheme::bcrypt));
  }
}

// More than a hash at any cost below it.
constexpr PasswordCost kDearer{.memory_bytes = 16 << 10, .iterations = 2};

TEST_CASE("rehash: a password under bcrypt, or at a lower cost, becomes Argon2id at today's",
          "[decision]") {
  const auto [what, stored, password] = GENERATE(table<const char*, StoredSecret, const char*>({
      {"bcrypt", made::bcrypt("bob"), made::kBcryptPassword},
      {"less time", made::argon2id("bob", "hunter2", {.memory_bytes = 16 << 10, .iterations = 1}),
       "hunter2"},
      {"less memory", made::argon2id("bob", "hunter2", {.memory_bytes = 8 << 10, .iterations = 2}),
       "hunter2"},
      {"less of both", made::argon2id("bob", "hunter2", made::kCheap), "hunter2"},
  }));
  CAPTURE(what);
  World world = made::with_password();
  world.policy.password_cost = kDearer;
  StoredSecret before = stored;
  before.expires_at = kNow + 1h;
  world.credential->secrets = {before};
  world.connect["pass"] = password;
  const auto rehash = world.rehash();
  REQUIRE(rehash);
  CHECK(rehash->before == before);
  check_same_secret(before, rehash->after);
  CHECK(rehash->after.scheme == Scheme::argon2id);
  CHECK(rehash->after.password_hash == hash_password(password, kDearer, made::kSalt));
  CHECK(verify_password(rehash->after.password_hash, password));

  const World after = renewed(world, *rehash);
  CHECK_FALSE(after.denied());
  CHECK_FALSE(after.rehash());
}

TEST_CASE(
    "rehash: a hash that cost more is never made a weaker one, nor one that two gateways make anew",
    "[decision]") {
  const PasswordCost cost = GENERATE(values<PasswordCost>({
      {.memory_bytes = 32 << 10, .iterations = 2},
      {.memory_bytes = 16 << 10, .iterations = 3},
      {.memory_bytes = 32 << 10, .iterations = 1},
      {.memory_bytes = 8 << 10, .iterations = 9},
  }));
  World world = made::with_password();
  world.policy.password_cost = kDearer;
  world.credential->secrets = {made::argon2id("bob", "hunter2", cost)};
  CHECK_FALSE(world.denied());
  CHECK_FALSE(world.rehash());
}

TEST_CASE("rehash: a hash under an older master key becomes one under the newest", "[decision]") {
  for (World world : {made::with_key(), made::with_token()}) {
    CAPTURE(world.what);
    const char* secret = world.credential->kind == Kind::key ? kSecret : made::kTokenSecret;
    StoredSecret before = made::hashed(master(1), kId, secret);
    before.expires_at = kNow + 1h;
    world.credential->secrets = {before};
    const auto rehash = world.rehash();
    REQUIRE(rehash);
    CHECK(rehash->before == before);
    check_same_secret(before, rehash->after);
    CHECK(rehash->after.scheme == Scheme::blake2b);
    CHECK(rehash->after.key_id == master(2).key_id());
    CHECK(rehash->after.hash == master(2).hash_secret(kId, secret));
    const World after = renewed(world, *rehash);
    CHECK_FALSE(after.denied());
    CHECK_FALSE(after.rehash());
  }
}

TEST_CASE(
    "rehash: the login of an opaque token becomes that under the newest key, and nothing else does",
    "[decision]") {
  World world = made::with_opaque_token();
  StoredSecret before = made::opaque(master(1), "s3cr3t");
  before.expires_at = kNow + 1h;
  world.credential->secrets = {before};
  const auto rehash = world.rehash();
  REQUIRE(rehash);
  StoredSecret expected = before;
  expected.key_id = master(2).key_id();
  expected.login = master(2).token_login("s3cr3t");
  CHECK(rehash->before == before);
  CHECK(rehash->after == expected);
  const World after = renewed(world, *rehash);
  CHECK_FALSE(after.denied());
  CHECK_FALSE(after.rehash());
}

TEST_CASE("rehash: a proof that does not hold renews nothing", "[decision]") {
  World world = made::with_bcrypt();
  world.connect = world.wrong;
  CHECK_FALSE(world.rehash());
  world = made::with_key();
  world.credential->secrets = {made::hashed(master(1), kId, kSecret)};
  world.connect = world.wrong;
  CHECK_FALSE(world.rehash());
  world = made::with_opaque_token();
  world.credential->secrets = {made::opaque(master(1), "s3cr3t")};
  world.connect = world.wrong;
  CHECK_FALSE(world.rehash());
}

TEST_CASE("rehash: a secret that counts no more is not renewed, and neither is one of another kind",
          "[decision]") {
  World world = made::with_bcrypt();
  world.credential->secrets[0].expires_at = kNow;
  CHECK_FALSE(world.rehash());
  world = made::with_bcrypt();
  world.credential->kind = Kind::key;
  CHECK_FALSE(world.rehash());
  world = made::with_bcrypt();
  world.credential->secrets[0].password_hash.clear();
  CHECK_FALSE(world.rehash());
}

TEST_CASE("rehash: of two secrets the one that was proved is renewed", "[decision]") {
  World world = made::with_key();
  const StoredSecret old_one = made::hashed(master(1), kId, "the old one");
  const StoredSecret current = made::hashed(master(2), kId, kSecret);
  world.credential->secrets = {old_one, current};
  CHECK_FALSE(world.rehash());
  world.connect["pass"] = "the old one";
  const auto rehash = world.rehash();
  REQUIRE(rehash);
  CHECK(rehash->before == old_one);
  const World after = renewed(world, *rehash);
  CHECK(after.credential->secrets[1] == current);
  CHECK_FALSE(after.denied());
}

TEST_CASE(
    "rehash: a password of more than 72 bytes is not renewed from bcrypt, which did not read it "
    "all",
    "[decision]") {
  World world = made::with_bcrypt();
  world.credential->secrets[0].password_hash =
      "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
  world.connect["pass"] = std::string(72, 'a');
  CHECK(world.rehash());
  world.connect["pass"] = std::string(73, 'a');
  CHECK_FALSE(world.denied());
  CHECK_FALSE(world.rehash());
}

TEST_CASE("rehash: a long password at a lower cost is renewed, since Argon2id reads it all",
          "[decision]") {
  World world = made::with_password();
  world.policy.password_cost = kDearer;
  const std::string long_one(1024, 'a');
  world.credential->secrets = {
      made::argon2id("bob", long_one, {.memory_bytes = 16 << 10, .iterations = 1})};
  world.connect["pass"] = long_one;
  const auto rehash = world.rehash();
  REQUIRE(rehash);
  CHECK(verify_password(rehash->after.password_hash, long_one));
  CHECK_FALSE(verify_password(rehash->after.password_hash, long_one.substr(1)));
}

}  // namespace
}  // namespace auth
