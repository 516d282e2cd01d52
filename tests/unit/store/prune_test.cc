#include "store/anchor.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

using namespace std::chrono_literals;

// Ten entries, a day apart.
void fill(TestStore& store) {
  REQUIRE_FALSE(create(store, test_credential(1)));
  for (int day = 1; day < 10; ++day) {
    Intent later = intent(Action::update);
    later.at = kNow + day * 24h;
    REQUIRE(store->change(test_id(1), later, set_name("name-" + std::to_string(day))));
  }
}

Entry nameless() {
  Entry entry;
  entry.at = kNow;
  entry.actor = "local:alice";
  return entry;
}

Intent pruning() {
  Intent by = intent(Action::prune);
  by.at = kNow + 30 * 24h;
  by.reason = "before then";
  return by;
}

// Gives how many were removed.
std::uint64_t prune(TestStore& store, auth::Time before) {
  const auto found = store->prunable(before);
  REQUIRE(found.whole);
  std::optional<Intent> note = pruning();
  std::uint64_t oldest = found.first;
  while (oldest <= found.through) {
    oldest = store->prune_some(found.through, note);
    note.reset();
  }
  return oldest - found.first;
}

std::vector<std::string> faults(TestStore& store, const std::optional<Head>& noted = {}) {
  return store->verify(noted);
}

bool has(const std::vector<std::string>& sentences, const std::string& part) {
  return std::ranges::any_of(
      sentences, [&](const auto& text) { return text.find(part) != std::string::npos; });
}

TEST_CASE("prune: older entries go, the others stay and are verified", "[store]") {
  TestStore store;
  fill(store);
  CHECK(prune(store, kNow + 4 * 24h) == 4);
  CHECK(faults(store).empty());
  const Totals totals = store->totals();
  CHECK(totals.oldest == 5);
  CHECK(totals.sequence == 11);
  const auto entries = store->history(0, 100, {});
  REQUIRE(entries.size() == 7);
  CHECK(entries.front().sequence == 5);
  CHECK(entries.front().fields.at(0).after == "\"name-4\"");

  REQUIRE_FALSE(change(store, 1, Action::suspend, set_status(auth::Status::suspended)));
  CHECK(prune(store, kNow + 6 * 24h) == 2);
  CHECK(faults(store).empty());
  CHECK(store->totals().oldest == 7);
}

TEST_CASE("prune: the journal says who removed entries, when, and up to where", "[store]") {
  TestStore store;
  fill(store);
  prune(store, kNow + 4 * 24h);
  const Entry entry = store->history(10, 1, {}).at(0);
  CHECK(entry.action == Action::prune);
  CHECK(entry.actor == "local:alice");
  CHECK(entry.at == kNow + 30 * 24h);
  CHECK(entry.id.empty());
  CHECK(entry.fields == std::vector<FieldChange>{{"oldest", "1", "5"}});
  CHECK(entry.reason == "before then");
}

TEST_CASE("prune: where nothing is older nothing is done, and the newest entry always stays",
          "[store]") {
  TestStore empty;
  CHECK(prune(empty, kNow + 1h) == 0);
  CHECK(empty->totals().sequence == 0);
  TestStore store;
  fill(store);
  CHECK(prune(store, kNow) == 0);
  CHECK(store->totals().sequence == 10);
  CHECK(prune(store, kNow + 1000 * 24h) == 10);
  CHECK(store->totals().oldest == 11);
  CHECK(faults(store).empty());
  CHECK(store->prune_some(1000, std::nullopt) == 11);
  CHECK(store->totals().sequence == 11);
  CHECK(faults(store).empty());
}

TEST_CASE("prune: an entry that is not older stops it, whatever a clock said later", "[store]") {
  TestStore store;
  fill(store);
  Intent wrong = intent(Action::update);
  wrong.at = kNow;
  REQUIRE(store->change(test_id(1), wrong, set_name("back")));
  CHECK(prune(store, kNow + 4 * 24h) == 4);
}

TEST_CASE("prune: the entry that stops it is named", "[store]") {
  TestStore store;
  fill(store);
  const auto found = store->prunable(kNow + 4 * 24h);
  CHECK(found.through == 4);
  CHECK(found.stopped == 5);
  CHECK(found.stopped_at == kNow + 4 * 24h);
  CHECK(store->prunable(kNow + 1000 * 24h).stopped == 0);
}

TEST_CASE("prune: many entries go in several short transactions, each of which is whole",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  store.tamper([&](WriteTxn& txn, const Tables& tables) {
    for (int i = 0; i < 2500; ++i)
      append(txn, tables, store.key(), nameless());
  });
  const auto found = store->prunable(kNow + 1h);
  REQUIRE(found.through == 2501);
  std::optional<Intent> note = pruning();
  int transactions = 0;
  for (std::uint64_t oldest = found.first; oldest <= found.through; ++transactions) {
    oldest = store->prune_some(found.through, note);
    note.reset();
    CHECK(faults(store).empty());
    CHECK(store->totals().oldest == oldest);
  }
  CHECK(transactions >= 3);
  CHECK(store->totals().sequence == 2502);
}

TEST_CASE("prune: a noted head is compared where its entry is still there", "[store]") {
  TestStore store;
  fill(store);
  const Head newest = store->head().value();
  std::vector<std::string> raw;
  store.tamper([&](WriteTxn& txn, const Tables& tables) {
    Cursor cursor{txn, tables.journal};
    for (auto at = cursor.first(); at; at = cursor.next())
      raw.emplace_back(at->value);
  });
  const auto head_at = [&](std::uint64_t sequence) {
    return Head{sequence, store.key().hash_journal(raw.at(sequence - 1))};
  };
  prune(store, kNow + 4 * 24h);
  CHECK(faults(store, newest).empty());
  CHECK(faults(store, head_at(5)).empty());
  CHECK(faults(store, head_at(4)).empty());
  CHECK(has(faults(store, head_at(3)), "were removed since"));
  CHECK(has(faults(store, Head{4, {}}), "were removed since"));
  CHECK(has(faults(store, Head{5, {}}), "differs"));
  CHECK(has(faults(store, Head{99, {}}), "cut off"));
}

TEST_CASE("prune: entries that somebody without the key removed are missing", "[store]") {
  TestStore store;
  fill(store);
  SECTION("with no anchor") {
    store.tamper([](WriteTxn& txn, const Tables& tables) {
      for (std::uint64_t n = 1; n < 5; ++n)
        txn.remove(tables.journal, sequence_key(n));
    });
    CHECK(has(faults(store), "entries 1 to 4 are missing"));
  }
  SECTION("with an anchor under another key") {
    store.tamper([](WriteTxn& txn, const Tables& tables) {
      const auth::MasterKey other{std::array<std::uint8_t, 32>{}};
      const auto next = read_entry(*txn.get(tables.journal, sequence_key(5))).value();
      for (std::uint64_t n = 1; n < 5; ++n)
        txn.remove(tables.journal, sequence_key(n));
      put_anchor(txn, tables, other, {4, next.previous});
    });
    CHECK(has(faults(store), "is not configured"));
  }
  SECTION("behind a real anchor") {
    prune(store, kNow + 2 * 24h);
    store.tamper(
        [](WriteTxn& txn, const Tables& tables) { txn.remove(tables.journal, sequence_key(3)); });
    CHECK(has(faults(store), "entries 3 to 3 are missing"));
  }
  SECTION("behind a real anchor, which then is made to fit") {
    prune(store, kNow + 2 * 24h);
    store.tamper([](WriteTxn& txn, const Tables& tables) {
      std::string anchor{*txn.get(tables.meta, "journal.anchor")};
      txn.remove(tables.journal, sequence_key(3));
      const auto next = read_entry(*txn.get(tables.journal, sequence_key(4))).value();
      anchor.replace(0, 8, sequence_key(3));
      anchor.replace(8, 32, std::string(next.previous.begin(), next.previous.end()));
      txn.put(tables.meta, "journal.anchor", anchor);
    });
    CHECK(has(faults(store), "was altered"));
  }
  SECTION("and others put in their place") {
    prune(store, kNow + 2 * 24h);
    store.tamper([](WriteTxn& txn, const Tables& tables) {
      txn.put(tables.journal, sequence_key(2), write_entry(nameless()));
    });
    CHECK(has(faults(store), "entry 2 is there"));
    CHECK_FALSE(store->prunable(kNow + 20 * 24h).whole);
  }
  SECTION("with the anchor gone") {
    prune(store, kNow + 2 * 24h);
    store.tamper(
        [](WriteTxn& txn, const Tables& tables) { txn.remove(tables.meta, "journal.anchor"); });
    CHECK(has(faults(store), "entries 1 to 2 are missing"));
  }
}

TEST_CASE("prune: an entry that was altered is found, also the first that is left", "[store]") {
  TestStore store;
  fill(store);
  prune(store, kNow + 4 * 24h);
  const auto number = GENERATE(5U, 6U);
  store.tamper([&](WriteTxn& txn, const Tables& tables) {
    Entry entry = read_entry(*txn.get(tables.journal, sequence_key(number))).value();
    entry.actor = "local:mallory";
    txn.put(tables.journal, sequence_key(number), write_entry(entry));
  });
  CHECK(has(faults(store), "does not follow"));
  CHECK_FALSE(store->prunable(kNow + 20 * 24h).whole);
}

TEST_CASE("prune: entries under a master key that was retired can be removed, and are named",
          "[store]") {
  TestStore store;
  std::array<std::uint8_t, 32> entropy{};
  const auth::MasterKey retired{entropy};
  store.tamper([&](WriteTxn& txn, const Tables& tables) {
    for (int i = 0; i < 3; ++i)
      append(txn, tables, retired, nameless());
  });
  REQUIRE_FALSE(create(store, test_credential(1)));
  const auto found = store->prunable(kNow + 1h);
  CHECK(found.whole);
  CHECK(has(found.faults, "which is not configured"));
  CHECK(prune(store, kNow + 1h) == 4);
  CHECK(faults(store).empty());
}

TEST_CASE("prune: after the master key was changed too, it can be done again", "[store]") {
  TestStore store;
  fill(store);
  store.tamper([&](WriteTxn& txn, const Tables& tables) {
    const auth::MasterKey retired{std::array<std::uint8_t, 32>{}};
    const auto next = read_entry(*txn.get(tables.journal, sequence_key(3))).value();
    for (std::uint64_t n = 1; n < 3; ++n)
      txn.remove(tables.journal, sequence_key(n));
    put_anchor(txn, tables, retired, {2, next.previous});
  });
  CHECK(faults(store).size() == 1);
  CHECK(prune(store, kNow + 4 * 24h) == 2);
  CHECK(faults(store).empty());
}

}  // namespace
}  // namespace store
