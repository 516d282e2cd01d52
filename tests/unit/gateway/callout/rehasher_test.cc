#include "gateway/callout/rehasher.h"

#include <algorithm>

#include "auth/credential/password_hash.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

using auth::Credential;
using auth::Judge;
using auth::StoredSecret;
using gateway::Rehasher;

namespace store {
namespace {

using namespace std::chrono_literals;

// Of the nth test credential: the same secret under another key.
Judge::Rehash renewal_of(std::uint32_t n) {
  const StoredSecret before = test_credential(n).secrets[0];
  StoredSecret after = before;
  after.key_id = "fedcba9876543210";
  after.hash->fill(0xEE);
  return {before, after};
}

void await_renewal(TestStore& store, std::uint32_t n, const StoredSecret& after) {
  const auto limit = std::chrono::steady_clock::now() + 60s;
  while (std::ranges::count(store->get(test_id(n))->secrets, after) == 0) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    std::this_thread::sleep_for(1ms);
  }
}

// Everything that was asked for before has been done, in its order: one more renewal, of a
// credential that nothing else is asked for.
void await_all(TestStore& store, Rehasher& rehasher) {
  REQUIRE_FALSE(create(store, test_credential(1000)));
  rehasher.rehash(test_id(1000), renewal_of(1000));
  await_renewal(store, 1000, renewal_of(1000).after);
}

TEST_CASE(
    "rehasher: a renewal replaces that one secret and nothing else, as `rehash` of the daemon's "
    "own",
    "[callout]") {
  TestStore store;
  Credential c = test_credential(1);
  StoredSecret other = c.secrets[0];
  other.hash->fill(0x77);
  c.secrets.push_back(other);
  REQUIRE_FALSE(create(store, c));
  const Credential before = store->get(c.id).value();
  Rehasher rehasher{*store};
  rehasher.rehash(c.id, renewal_of(1));
  await_renewal(store, 1, renewal_of(1).after);

  Credential after = store->get(c.id).value();
  CHECK(after.secrets == std::vector{renewal_of(1).after, other});
  after.secrets = before.secrets;
  CHECK(after == before);  // who read it before may still change it by its revision

  const Entry entry = store->history(1, 10, {.id = c.id}).at(0);
  CHECK(entry.action == Action::rehash);
  CHECK(entry.actor == "credgate");
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("rehasher: a secret that is there no more, or not as it was, is left alone",
          "[callout]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  const auto edit = GENERATE(values<Store::Edit>({
      [](Credential& c) { c.secrets.clear(); },
      [](Credential& c) { c.secrets[0].hash->fill(0x55); },
      [](Credential& c) { c.secrets[0].expires_at = kNow; },
  }));
  REQUIRE_FALSE(change(store, 1, Action::rotate, edit));
  const auto before = store->get(test_id(1));
  Rehasher rehasher{*store};
  rehasher.rehash(test_id(1), renewal_of(1));
  await_all(store, rehasher);
  CHECK(store->get(test_id(1)) == before);
  CHECK(store->history(0, 100, {.id = test_id(1)}).size() == 2);
}

TEST_CASE(
    "rehasher: a credential that was revoked or never was is left alone, and the next is renewed",
    "[callout]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  const auto before = store->get(test_id(1));
  Rehasher rehasher{*store};
  rehasher.rehash(test_id(1), renewal_of(1));
  rehasher.rehash(test_id(2), renewal_of(2));
  rehasher.rehash("", renewal_of(2));
  await_all(store, rehasher);
  CHECK(store->get(test_id(1)) == before);
  CHECK_FALSE(store->get(test_id(2)));
}

TEST_CASE("rehasher: a record that cannot be read keeps no other from its renewal", "[callout]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  store.tamper([](WriteTxn& txn, const Tables& tables) {
    txn.put(tables.credentials, test_id(1), "damage");
  });
  Rehasher rehasher{*store};
  rehasher.rehash(test_id(1), renewal_of(1));
  await_all(store, rehasher);
}

TEST_CASE("rehasher: two renewals of one secret are one", "[callout]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  Rehasher rehasher{*store};
  rehasher.rehash(test_id(1), renewal_of(1));
  rehasher.rehash(test_id(1), renewal_of(1));
  await_all(store, rehasher);
  CHECK(store->history(0, 100, {.id = test_id(1)}).size() == 2);
}

TEST_CASE("rehasher: the renewed login of an opaque token leads to it, and so does the old one",
          "[callout]") {
  TestStore store;
  Credential c = test_credential(1, auth::Kind::token, store.key().token_login("old"));
  c.secrets[0].scheme = auth::Scheme::opaque_token;
  REQUIRE_FALSE(create(store, c));
  Judge::Rehash rehash{c.secrets[0], c.secrets[0]};
  rehash.after.login = store.key().token_login("new");
  Rehasher rehasher{*store};
  rehasher.rehash(c.id, rehash);
  await_renewal(store, 1, rehash.after);
  CHECK(owner(store, auth::Kind::token, rehash.after.login) == c.id);
  CHECK(owner(store, auth::Kind::token, rehash.before.login) == c.id);
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE(
    "rehasher: a password is renewed in a record that a stricter version would not take any more",
    "[callout]") {
  TestStore store;
  Credential c = test_credential(1, auth::Kind::password, "bob");
  REQUIRE_FALSE(create(store, c));
  Judge::Rehash rehash{c.secrets[0], c.secrets[0]};
  rehash.after.password_hash =
      auth::decoy_password_hash({.memory_bytes = 16 << 10, .iterations = 1});
  Rehasher rehasher{*store};
  rehasher.rehash(c.id, rehash);
  await_renewal(store, 1, rehash.after);
  CHECK(store->get(c.id)->secrets == std::vector{rehash.after});
}

}  // namespace
}  // namespace store
