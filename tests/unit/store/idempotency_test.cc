// What the store keeps for the admin service: requests that were carried out, uses, and the head of
// the journal's chain.

#include "store/integrity_check.h"
#include "store/journal_chain.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

using namespace std::chrono_literals;

CreateRequest request(std::uint8_t body, const std::string& id = "r1") {
  CreateRequest made{.id = id};
  made.body.fill(body);
  return made;
}

Intent at(auth::Time when, const std::string& actor = "nats:CGA") {
  Intent made = intent(Action::create);
  made.at = when;
  made.actor = actor;
  return made;
}

TEST_CASE("idempotency: a request that comes again makes nothing, and gives what was made",
          "[store]") {
  TestStore store;
  const auto first = store->create(test_credential(1), at(kNow), request(1));
  REQUIRE(first);
  CHECK(first->changed);
  const auto again = store->create(test_credential(2), at(kNow + 1h), request(1));
  REQUIRE(again);
  CHECK_FALSE(again->changed);
  CHECK(again->credential == first->credential);
  CHECK(store->totals().active == 1);
  CHECK(store->totals().sequence == 1);

  const auto other = store->create(test_credential(2), at(kNow), request(2));
  REQUIRE_FALSE(other);
  CHECK(other.error().why == Refusal::conflict);
  // Another actor's, another id, and the same a day later are other requests.
  CHECK(store->create(test_credential(2), at(kNow, "nats:CGB"), request(1))->changed);
  CHECK(store->create(test_credential(3), at(kNow), request(1, "r2"))->changed);
  CHECK(store->create(test_credential(4), at(kNow + 24h), request(3))->changed);
  CHECK_FALSE(store->create(test_credential(5), at(kNow + 25h), request(3))->changed);
}

TEST_CASE("idempotency: a request for a role that comes again makes nothing", "[store]") {
  TestStore store;
  auth::Role role;
  role.account = "APP";
  role.name = "ops";
  role.publish = true;
  role.subjects = {"a"};
  auth::Role other = role;
  other.name = "other";
  const auto first = store->create_role(role, at(kNow), request(1));
  REQUIRE(first);
  CHECK(first->changed);
  const auto again = store->create_role(role, at(kNow + 1h), request(1));
  REQUIRE(again);
  CHECK_FALSE(again->changed);
  CHECK(again->role == first->role);
  CHECK(store->history(0, 10, {}).size() == 1);
  CHECK(deep_check(*store).empty());

  struct Row {
    const char* what;
    Intent intent;
    CreateRequest request;
  };
  for (const auto& [what, intent, asked] :
       std::vector<Row>{{"another body", at(kNow), request(2)},
                        {"another actor", at(kNow, "nats:CGB"), request(1)},
                        {"another id", at(kNow), request(1, "r2")},
                        {"a day later", at(kNow + 24h), request(1)}}) {
    INFO(what);
    CHECK(refusal(store->create_role(role, intent, asked)) == Refusal::conflict);
  }
  CHECK(refusal(store->create_role(other, at(kNow), request(2))) == Refusal::conflict);
  CHECK_FALSE(store->create(test_credential(1), at(kNow), request(1)));
  REQUIRE(store->create(test_credential(1), at(kNow), request(1, "of a credential")));
  CHECK_FALSE(store->create_role(other, at(kNow), request(1, "of a credential")));
  CHECK(store->create_role(other, at(kNow), request(2, "refused before"))->changed);
}

TEST_CASE("idempotency: a request does not give a role that was made after its own", "[store]") {
  TestStore store;
  auth::Role role;
  role.account = "APP";
  role.name = "ops";
  role.publish = true;
  role.subjects = {"a"};
  REQUIRE(store->create_role(role, at(kNow), request(1)));
  REQUIRE(store->delete_role("APP", "ops", at(kNow)));
  const auto gone = store->create_role(role, at(kNow + 1h), request(1));
  REQUIRE_FALSE(gone);
  CHECK(gone.error().message.find("was deleted") != std::string::npos);
  REQUIRE(store->create_role(role, at(kNow + 1h), request(1, "r2")));
  CHECK(refusal(store->create_role(role, at(kNow + 2h), request(1))) == Refusal::conflict);
}

TEST_CASE("idempotency: a request that was refused may be asked again", "[store]") {
  TestStore store;
  auth::Credential bad = test_credential(1);
  bad.subjects = {"a..b"};
  REQUIRE_FALSE(store->create(bad, at(kNow), request(1)));
  CHECK(store->create(test_credential(1), at(kNow), request(2))->changed);
}

TEST_CASE("idempotency: requests older than a day go as others come", "[store]") {
  TestStore store;
  for (std::uint32_t n = 0; n < 40; ++n)
    REQUIRE(store->create(test_credential(n), at(kNow), request(1, "old" + std::to_string(n))));
  for (std::uint32_t n = 40; n < 80; ++n) {
    REQUIRE(
        store->create(test_credential(n), at(kNow + 25h), request(1, "new" + std::to_string(n))));
  }
  // Each is free again, whether it was dropped or only is too old.
  CHECK(store->create(test_credential(90), at(kNow + 25h), request(9, "old0"))->changed);
}

TEST_CASE("idempotency: uses add up, and the latest counts", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  REQUIRE_FALSE(create(store, test_credential(2)));
  CHECK_FALSE(store->usage(test_id(1)));
  const auto use = [&](std::uint32_t n, auth::Time when, const char* from, std::uint64_t times) {
    const std::pair<std::string, Usage> one{test_id(n), {when, from, times}};
    CHECK(store->add_uses({&one, 1}) == 1);
  };
  use(1, kNow + 10s, "192.0.2.1", 2);
  use(1, kNow + 5s, "192.0.2.2", 3);  // another gateway's, which comes later
  CHECK(store->usage(test_id(1)) == Usage{kNow + 10s, "192.0.2.1", 5});
  use(3, kNow, "192.0.2.3", 1);
  CHECK_FALSE(store->usage(test_id(3)));  // there is no such credential
  const auto before = store->totals().sequence;
  CHECK(before == 2);

  const auto unused = [&](auth::Time since) {
    std::vector<std::string> names;
    Filter filter;
    filter.unused_since = since;
    for (const auto& c : store->list(filter, "", 100).credentials)
      names.push_back(c.name);
    return names;
  };
  CHECK(unused(kNow).empty());  // they are not older than that
  CHECK(unused(kNow + 10s) == std::vector<std::string>{"device-2"});
  CHECK(unused(kNow + 11s) == std::vector<std::string>{"device-1", "device-2"});
}

TEST_CASE("idempotency: a chain is whole, and says where it is not", "[store]") {
  TestStore store;
  CHECK_FALSE(store->head());
  CHECK(store->verify({}).empty());
  for (std::uint32_t n = 1; n <= 5; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  const auto noted = store->head();
  REQUIRE(noted);
  CHECK(noted->sequence == 5);
  CHECK(store->verify(noted).empty());
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  CHECK(store->verify(noted).empty());

  Head wrong = *noted;
  wrong.hash[0] ^= 1;
  CHECK(store->verify(wrong).size() == 1);
  Head beyond = *noted;
  beyond.sequence = 9;
  REQUIRE(store->verify(beyond).size() == 1);
  CHECK(store->verify(beyond).front().find("cut off") != std::string::npos);
}

TEST_CASE("idempotency: an entry that was altered, taken out or put in is found", "[store]") {
  const auth::MasterKeys keys = test_keys();
  std::vector<std::string> entries;
  for (int n = 0; n < 4; ++n) {
    Entry entry;
    entry.actor = "local:alice";
    entry.id = test_id(static_cast<std::uint32_t>(n));
    entry.key_id = keys.current().key_id();
    if (n > 0) entry.previous = keys.current().hash_journal(entries.back());
    entries.push_back(write_entry(entry));
  }
  const auto faults = [&](const std::vector<std::pair<std::uint64_t, std::string>>& list) {
    ChainCheck check{keys, {}};
    for (const auto& [sequence, bytes] : list)
      check.add(sequence, bytes);
    return check.end().size();
  };
  const auto& e = entries;
  CHECK(faults({{1, e[0]}, {2, e[1]}, {3, e[2]}, {4, e[3]}}) == 0);
  std::string altered = e[1];
  altered[altered.find("alice")] = 'm';
  CHECK(faults({{1, e[0]}, {2, altered}, {3, e[2]}, {4, e[3]}}) == 1);
  CHECK(faults({{1, e[0]}, {3, e[2]}, {4, e[3]}}) == 1);
  CHECK(faults({{1, e[0]}, {2, e[2]}, {3, e[3]}}) == 1);
  CHECK(faults({{1, e[1]}, {2, e[2]}, {3, e[3]}}) == 1);
  CHECK(faults({{1, e[0]}, {2, "no entry"}, {3, e[2]}}) == 2);
  std::array<std::uint8_t, 32> other{};
  std::vector<auth::MasterKey> other_keys;
  other_keys.emplace_back(other);
  const auth::MasterKeys others{std::move(other_keys)};
  ChainCheck check{others, {}};
  for (std::size_t n = 0; n < e.size(); ++n)
    check.add(n + 1, e[n]);
  CHECK(check.end().size() == 1);  // said once
}

}  // namespace
}  // namespace store
