// Lists, damaged records, totals, and reading beside writers.

#include <atomic>
#include <thread>

#include "store/integrity_check.h"
#include "store/leafnode_credentials.h"
#include "store/store.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

using auth::Credential;
using auth::Kind;
using auth::Status;

TEST_CASE("read: list pages in the order of ids, each record once", "[store]") {
  TestStore store;
  std::vector<std::string> expected;
  for (std::uint32_t n = 0; n < 10; ++n) {
    REQUIRE_FALSE(create(store, test_credential(n)));
    expected.push_back(test_id(n));
  }
  for (std::size_t limit = 1; limit <= 11; ++limit) {
    CAPTURE(limit);
    std::vector<std::string> seen;
    std::size_t pages = 0;
    std::string after;
    do {
      const Page page = store->list({}, after, limit);
      CHECK(page.credentials.size() <= limit);
      for (const auto& c : page.credentials)
        seen.push_back(c.id);
      after = page.last;
      ++pages;
    } while (!after.empty());
    CHECK(seen == expected);
    CHECK(pages == (10 + limit - 1) / limit);
  }
  CHECK(store->list({}, "zzzz", 5).credentials.empty());
  CHECK(store->list({}, std::string(1000, 'z'), 5).credentials.empty());
  CHECK(store->list({}, "", 0).credentials.empty());
}

TEST_CASE("read: list gives what fits all of the filter", "[store]") {
  TestStore store;
  const auto put = [&](std::uint32_t n, const std::string& account,
                       const std::vector<std::string>& regions,
                       const std::vector<std::string>& tags) {
    Credential c = test_credential(n);
    c.account = account;
    c.regions = regions;
    c.tags = tags;
    REQUIRE_FALSE(create(store, c));
  };
  put(1, "APP", {}, {"team=blue", "site=a"});
  put(2, "APP", {"eu", "us"}, {"team=red"});
  put(3, "OTHER", {"us"}, {"teams=blue"});
  put(4, "OTHER", {"eu"}, {});
  REQUIRE_FALSE(change(store, 2, Action::suspend, set_status(Status::suspended)));
  REQUIRE_FALSE(change(store, 4, Action::revoke, revocation()));

  const auto numbers = [&](const std::function<void(Filter&)>& narrow) {
    Filter filter;
    narrow(filter);
    std::vector<std::uint32_t> found;
    const Page page = store->list(filter, "", 100);
    CHECK(page.last.empty());
    for (std::uint32_t n = 1; n <= 4; ++n) {
      for (const auto& c : page.credentials)
        if (c.id == test_id(n)) found.push_back(n);
    }
    return found;
  };
  using Numbers = std::vector<std::uint32_t>;
  CHECK(numbers([](Filter&) {}) == Numbers{1, 2, 3, 4});
  CHECK(numbers([](Filter& f) { f.account = "APP"; }) == Numbers{1, 2});
  CHECK(numbers([](Filter& f) { f.account = "NONE"; }).empty());
  CHECK(numbers([](Filter& f) { f.region = "eu"; }) == Numbers{1, 2, 4});
  CHECK(numbers([](Filter& f) { f.region = "mars"; }) == Numbers{1});
  CHECK(numbers([](Filter& f) { f.status = Status::active; }) == Numbers{1, 3});
  CHECK(numbers([](Filter& f) { f.status = Status::suspended; }) == Numbers{2});
  CHECK(numbers([](Filter& f) { f.status = Status::revoked; }) == Numbers{4});
  CHECK(numbers([](Filter& f) { f.tags = {"team"}; }) == Numbers{1, 2});
  CHECK(numbers([](Filter& f) { f.tags = {"team=blue"}; }) == Numbers{1});
  CHECK(numbers([](Filter& f) { f.tags = {"team", "site=a"}; }) == Numbers{1});
  CHECK(numbers([](Filter& f) { f.tags = {"team=red", "site"}; }).empty());
  CHECK(numbers([](Filter& f) {
          f.account = "OTHER";
          f.region = "us";
          f.status = Status::active;
        }) == Numbers{3});
}

TEST_CASE("read: the credentials that list LEAFNODE are counted, and the first of them named",
          "[store]") {
  TestStore store;
  CHECK(find_leafnode_credentials(*store, 2).count == 0);
  using enum auth::ConnectionType;
  constexpr std::uint32_t kCredentials = 1200;  // more than a page
  for (std::uint32_t n = 1; n <= kCredentials; ++n) {
    auth::Credential c = test_credential(n);
    if (n % 400 == 0) c.connection_types = {standard, leafnode};
    if (n % 400 == 1) c.connection_types = {standard, websocket, mqtt};
    REQUIRE_FALSE(create(store, c));
  }
  const LeafnodeCredentials found = find_leafnode_credentials(*store, 2);
  CHECK(found.count == 3);
  REQUIRE(found.first.size() == 2);
  CHECK(found.first.front().id == test_id(400));
  REQUIRE_FALSE(change(store, 400, Action::revoke, revocation()));
  REQUIRE_FALSE(change(store, 800, Action::suspend, set_status(auth::Status::suspended)));
  CHECK(find_leafnode_credentials(*store, 2).count == 2);
}

TEST_CASE("read: a damaged record denies its owner, names him, and nobody else", "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 3; ++n) {
    REQUIRE_FALSE(create(store, test_credential(n, Kind::nkey, test_nkey(n))));
  }
  store.tamper([](WriteTxn& txn, const Tables& tables) {
    std::string bytes{txn.get(tables.credentials, test_id(2)).value()};
    SECTION("by a flipped bit") {
      bytes.back() = static_cast<char>(bytes.back() ^ 1);
    }
    SECTION("by a lost tail") {
      bytes.pop_back();
    }
    SECTION("by being another's") {
      bytes = std::string{txn.get(tables.credentials, test_id(1)).value()};
    }
    SECTION("by being nothing") {
      bytes.clear();
    }
    txn.put(tables.credentials, test_id(2), bytes);
  });
  const auto id_of = [](const auto& act) {
    try {
      act();
    } catch (const Damaged& damaged) {
      CHECK(std::string{damaged.what()}.find(test_id(2)) != std::string::npos);
      return damaged.id();
    }
    return std::string{"nothing was thrown"};
  };
  CHECK(id_of([&] { store->find(Kind::key, test_id(2)); }) == test_id(2));
  CHECK(id_of([&] { store->find(Kind::nkey, test_nkey(2)); }) == test_id(2));
  CHECK(id_of([&] { store->get(test_id(2)); }) == test_id(2));
  CHECK(id_of([&] {
          static_cast<void>(store->change(test_id(2), intent(Action::revoke), revocation()));
        }) == test_id(2));

  for (const std::uint32_t n : {1U, 3U}) {
    CHECK(owner(store, Kind::nkey, test_nkey(n)) == test_id(n));
    CHECK_FALSE(change(store, n, Action::suspend, set_status(Status::suspended)));
  }
  const Page page = store->list({}, "", 100);
  CHECK(page.credentials.size() == 2);
  CHECK(page.damaged == std::vector{test_id(2)});
  CHECK(page.last.empty());
  CHECK(store->list({}, test_id(1), 1).damaged == std::vector{test_id(2)});
}

TEST_CASE("read: a deep check names each record whose index or counter is wrong, and no good one",
          "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 3; ++n) {
    REQUIRE_FALSE(create(store, test_credential(n, Kind::nkey, test_nkey(n))));
  }
  REQUIRE_FALSE(create(store, test_credential(4, Kind::password, "bob")));
  REQUIRE_FALSE(change(store, 4, Action::revoke, revocation()));
  REQUIRE_FALSE(create(store, test_credential(5, Kind::password, "bob")));
  CHECK(deep_check(*store).empty());
  std::string expected = test_id(2);
  SECTION("a name that leads nowhere") {
    store.tamper([](WriteTxn& txn, const Tables& tables) {
      txn.remove(tables.names, name_key("device-2", "APP"));
    });
  }
  SECTION("a login that leads to another") {
    store.tamper([](WriteTxn& txn, const Tables& tables) {
      txn.put(tables.logins, login_key(Kind::nkey, test_nkey(2)), test_id(1));
    });
  }
  SECTION("a damaged record") {
    store.tamper([](WriteTxn& txn, const Tables& tables) {
      txn.put(tables.credentials, test_id(2), "damage");
    });
  }
  SECTION("a counter") {
    expected = "counters";
    store.tamper(
        [](WriteTxn& txn, const Tables& tables) { txn.put(tables.meta, "count.active", "5"); });
  }
  const auto faults = deep_check(*store);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].find(expected) != std::string::npos);
}

TEST_CASE("read: a deep check names what the other tables have that leads nowhere", "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 3; ++n)
    REQUIRE_FALSE(create(store, test_credential(n, Kind::nkey, test_nkey(n))));
  CHECK(deep_check(*store).empty());
  const std::string absent = test_id(9);
  struct Row {
    const char* what;
    std::function<void(WriteTxn&, const Tables&)> harm;
    std::string fault;
  };
  const Row rows[] = {
      {"a login of nobody",
       [&](WriteTxn& txn, const Tables& tables) { txn.put(tables.logins, "nX", absent); },
       "the table logins has an entry that leads to " + absent + ", which has no record"},
      {"a login that leads nowhere",
       [](WriteTxn& txn, const Tables& tables) { txn.put(tables.logins, "nX", "x"); },
       "the table logins has an entry that leads nowhere"},
      {"a name of nobody",
       [&](WriteTxn& txn, const Tables& tables) {
         txn.put(tables.names, name_key("a", "APP"), absent);
       },
       "the table names has an entry that leads to " + absent + ", which has no record"},
      {"another's name",
       [](WriteTxn& txn, const Tables& tables) {
         txn.put(tables.names, name_key("a", "APP"), test_id(1));
       },
       "the table names has an entry that leads to " + test_id(1) + ", which has another name"},
      {"a use that is cut off",
       [](WriteTxn& txn, const Tables& tables) { txn.put(tables.usage, test_id(1), "123"); },
       "the table usage has an entry that cannot be read"},
      {"a request that is cut off",
       [](WriteTxn& txn, const Tables& tables) { txn.put(tables.requests, "a", "123"); },
       "the table requests has an entry that cannot be read"},
      {"a counter that is none",
       [](WriteTxn& txn, const Tables& tables) { txn.put(tables.meta, "count.lost", "x"); },
       "the table meta has an entry that cannot be read"},
      {"a journal entry that is damaged",
       [](WriteTxn& txn, const Tables& tables) {
         txn.put(tables.journal, sequence_key(2), "damage");
       },
       "entry 2 of the journal cannot be read"},
      {"a gap in the journal",
       [](WriteTxn& txn, const Tables& tables) { txn.remove(tables.journal, sequence_key(2)); },
       "entry 3 of the journal follows entry 1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    TestStore harmed;
    for (std::uint32_t n = 1; n <= 3; ++n)
      REQUIRE_FALSE(create(harmed, test_credential(n, Kind::nkey, test_nkey(n))));
    harmed.tamper(row.harm);
    CHECK(deep_check(*harmed) == std::vector{row.fault});
  }
}

TEST_CASE("read: an index entry that leads nowhere finds nobody", "[store]") {
  TestStore store;
  store.tamper([](WriteTxn& txn, const Tables& tables) {
    txn.put(tables.logins, login_key(Kind::nkey, test_nkey(1)), test_id(1));
    txn.put(tables.logins, login_key(Kind::nkey, test_nkey(2)), "x");
  });
  CHECK_FALSE(owner(store, Kind::nkey, test_nkey(1)));
  CHECK_FALSE(owner(store, Kind::nkey, test_nkey(2)));
}

TEST_CASE("read: totals name the store and its age", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  const Totals totals = store->totals();
  CHECK(totals.store_id == "store-1");
  CHECK(totals.created_at == kNow);
  CHECK(totals.active == 1);
  CHECK(totals.suspended == 0);
  CHECK(totals.revoked == 0);
  CHECK(totals.sequence == 1);
}

TEST_CASE("read: a lookup tells what it saw, and last_txn whether the store has moved since",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  const auto txn = store->find(Kind::key, test_id(1)).txn;
  CHECK(txn == store->last_txn());
  CHECK(store->find(Kind::key, "nobody").txn == txn);
  CHECK(store->find(Kind::nkey, "nobody").txn == txn);
  CHECK(store->find(Kind::nkey, std::string(600, 'x')).txn == txn);
  REQUIRE_FALSE(change(store, 1, Action::suspend, set_status(Status::suspended)));
  CHECK(store->last_txn() == txn + 1);
  CHECK(store->find(Kind::key, test_id(1)).txn == txn + 1);
}

TEST_CASE("read: several threads may read and write at once", "[store]") {
  TestStore store;
  constexpr std::uint32_t kEach = 20;
  std::atomic<unsigned> faults = 0;
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t writer = 0; writer < 2; ++writer) {
      threads.emplace_back([&store, &faults, writer] {
        for (std::uint32_t n = writer * kEach; n < (writer + 1) * kEach; ++n) {
          if (!store->create(test_credential(n), intent(Action::create))) ++faults;
        }
      });
    }
    for (int reader = 0; reader < 2; ++reader) {
      threads.emplace_back([&store, &faults] {
        for (std::uint64_t seen = 0; seen < 2 * kEach;) {
          const auto sequence = store->totals().sequence;
          if (sequence < seen || store->history(0, SIZE_MAX, {}).size() < sequence) ++faults;
          seen = sequence;
        }
      });
    }
  }
  CHECK(faults == 0);
  CHECK(store->totals().active == 2 * kEach);
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("read: a login leads to its credential's usage, and a damaged record does not matter",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1, Kind::password, "alice")));
  CHECK(store->usage_of(Kind::password, "alice") == std::nullopt);
  const Usage usage{.last_used_at = kNow, .last_used_from = "192.0.2.1", .uses = 3};
  const std::vector<std::pair<std::string, Usage>> uses = {{test_id(1), usage}};
  REQUIRE(store->add_uses(uses) == 1);
  store.tamper([](WriteTxn& txn, const Tables& tables) {
    txn.put(tables.credentials, test_id(1), "nonsense");
  });
  CHECK(store->usage_of(Kind::password, "alice") == usage);
  CHECK(store->usage_of(Kind::token, "alice") == std::nullopt);
  CHECK(store->usage_of(Kind::password, "bob") == std::nullopt);
  CHECK(store->usage_of(Kind::password, "") == std::nullopt);
  CHECK(store->usage_of(Kind::password, std::string(600, 'a')) == std::nullopt);
}

}  // namespace
}  // namespace store
