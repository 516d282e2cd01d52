#include "store/journal.h"

#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

Entry full_entry() {
  Entry entry;
  entry.at = kNow;
  entry.actor = "local:alice";
  entry.action = Action::revoke;
  entry.id = test_id(1);
  entry.revision = 3;
  entry.fields = {{"status", "\"active\"", "\"revoked\""}, {"revoked_by", "\"\"", "\"alice\""}};
  entry.reason = "lost";
  entry.key_id = "0123456789abcdef";
  entry.previous.fill(9);
  return entry;
}

// The stored bytes, by sequence.
std::vector<std::string> raw_entries(TestStore& store) {
  std::vector<std::string> entries;
  store.tamper([&](WriteTxn& txn, const Tables& tables) {
    Cursor cursor{txn, tables.journal};
    for (auto at = cursor.first(); at; at = cursor.next()) {
      REQUIRE(at->key == sequence_key(entries.size() + 1));
      entries.emplace_back(at->value);
    }
  });
  return entries;
}

// A credential's life, seven changes and one that is none: as many entries as changes.
void fill(TestStore& store) {
  const std::string id = test_id(1);
  REQUIRE(store->create(test_credential(1), intent(Action::create)));
  REQUIRE(store->create(test_credential(2), intent(Action::create)));
  REQUIRE(store->change(id, intent(Action::update), set_name("pump")));
  REQUIRE(store->change(id, intent(Action::update), set_name("pump")));
  REQUIRE(store->change(id, intent(Action::suspend), set_status(auth::Status::suspended)));
  REQUIRE(store->change(id, intent(Action::resume), set_status(auth::Status::active)));
  REQUIRE(store->change(test_id(2), intent(Action::update), set_name("valve")));
  REQUIRE(store->change(id, intent(Action::revoke), revocation()));
}

TEST_CASE("journal: an entry is read back as it was written, without its sequence", "[store]") {
  CHECK(read_entry(write_entry(full_entry())) == full_entry());
  Entry least;
  CHECK(read_entry(write_entry(least)) == least);
  least.sequence = 5;
  CHECK(read_entry(write_entry(least))->sequence == 0);
}

TEST_CASE("journal: each action has its word, and its number in an entry is what it always was",
          "[store]") {
  const std::vector<std::pair<Action, std::string>> words = {{Action::create, "create"},
                                                             {Action::update, "update"},
                                                             {Action::suspend, "suspend"},
                                                             {Action::resume, "resume"},
                                                             {Action::revoke, "revoke"},
                                                             {Action::rotate, "rotate"},
                                                             {Action::rehash, "rehash"},
                                                             {Action::withdraw, "withdraw"},
                                                             {Action::kick, "kick"},
                                                             {Action::prune, "prune"},
                                                             {Action::restore, "restore"},
                                                             {Action::create_role, "create_role"},
                                                             {Action::update_role, "update_role"},
                                                             {Action::delete_role, "delete_role"},
                                                             {Action::kick_role, "kick_role"}};
  std::uint8_t number = 0;
  for (const auto& [action, word] : words) {
    CAPTURE(word);
    CHECK(name(action) == word);
    CHECK(static_cast<std::uint8_t>(action) == ++number);
    Entry entry = full_entry();
    entry.action = action;
    CHECK(read_entry(write_entry(entry)) == entry);
  }
  for (const auto none : {Action{0}, Action{16}, Action{255}}) {
    Entry entry = full_entry();
    entry.action = none;
    CHECK_FALSE(read_entry(write_entry(entry)));
    CHECK(name(none) == "unknown");
  }
}

TEST_CASE("journal: no prefix of an entry is an entry", "[store]") {
  for (const Entry& entry : {full_entry(), Entry{}}) {
    const std::string bytes = write_entry(entry);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(read_entry(std::string_view{bytes}.substr(0, size)));
    }
  }
}

TEST_CASE("journal: an entry with something behind it, or of another version, is none", "[store]") {
  const std::string bytes = write_entry(full_entry());
  CHECK_FALSE(read_entry(bytes + '\0'));
  CHECK_FALSE(read_entry(bytes + bytes.substr(1)));
  CHECK_FALSE(read_entry(bytes + "\x0A\x01x"));
  CHECK_FALSE(read_entry('\2' + bytes.substr(1)));
  CHECK_FALSE(read_entry(""));
}

TEST_CASE("journal: a flipped bit never reads as the entry that was written", "[store]") {
  const Entry entry = full_entry();
  const std::string bytes = write_entry(entry);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    CHECK(read_entry(flipped) != entry);
  }
}

TEST_CASE(
    "journal: sequences count from 1 without a gap, and a change that changes nothing takes none",
    "[store]") {
  TestStore store;
  CHECK(store->totals().sequence == 0);
  fill(store);
  const auto entries = store->history(0, 100, {});
  REQUIRE(entries.size() == 7);
  for (std::size_t i = 0; i < entries.size(); ++i)
    CHECK(entries[i].sequence == i + 1);
  CHECK(store->totals().sequence == 7);
}

TEST_CASE("journal: an entry says what was changed, by whom, when and why", "[store]") {
  TestStore store;
  Intent why = intent(Action::update);
  REQUIRE(store->create(test_credential(1), intent(Action::create)));
  why.actor = "nats:APP/bob";
  why.at = kNow + std::chrono::seconds{60};
  why.reason = "moved";
  REQUIRE(store->change(test_id(1), why, set_name("pump")));
  const Entry entry = store->history(1, 1, {}).at(0);
  CHECK(entry.actor == "nats:APP/bob");
  CHECK(entry.at == why.at);
  CHECK(entry.action == Action::update);
  CHECK(entry.id == test_id(1));
  CHECK(entry.revision == 2);
  CHECK(entry.reason == "moved");
  CHECK(entry.key_id == store.key().key_id());
  CHECK(entry.fields == std::vector<FieldChange>{{"name", "\"device-1\"", "\"pump\""}});
}

TEST_CASE("journal: the entry of a change is called as the intent calls it", "[store]") {
  TestStore store;
  REQUIRE(store->create(test_credential(1, auth::Kind::password, "bob"), intent(Action::create)));
  const auto add = [](auth::Credential& c) { c.secrets.push_back(password_secret("bob")); };
  REQUIRE(store->change(test_id(1), intent(Action::rotate), add));
  const auto end = [](auth::Credential& c) { c.secrets.at(0).key_id = "0123456789abcdef"; };
  REQUIRE(store->change(test_id(1), intent(Action::rehash), end));
  REQUIRE(store->change(test_id(1), intent(Action::withdraw), revocation()));
  std::vector<std::string> words;
  for (const auto& entry : store->history(0, 100, {}))
    words.emplace_back(name(entry.action));
  CHECK(words == std::vector<std::string>{"create", "rotate", "rehash", "withdraw"});
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("journal: a password's hash is in no entry, whether it is made, replaced or destroyed",
          "[store]") {
  TestStore store;
  auth::Credential c = test_credential(1, auth::Kind::password, "bob");
  const std::string hash = c.secrets[0].password_hash;
  REQUIRE(store->create(c, intent(Action::create)));
  REQUIRE(store->change(c.id, intent(Action::rehash), [](auth::Credential& edited) {
    edited.secrets[0].password_hash =
        auth::decoy_password_hash({.memory_bytes = 16 << 10, .iterations = 1});
  }));
  REQUIRE(store->change(c.id, intent(Action::revoke), revocation()));
  for (const std::string& entry : raw_entries(store)) {
    CHECK(entry.find("$argon2id") == std::string::npos);
    CHECK(entry.find(hash.substr(hash.rfind('$'), 8)) == std::string::npos);
  }
}

TEST_CASE(
    "journal: the entry of a new credential is `create` with every field that is not the default",
    "[store]") {
  TestStore store;
  REQUIRE(store->create(test_credential(1), intent(Action::update)));
  const Entry entry = store->history(0, 1, {}).at(0);
  CHECK(entry.action == Action::create);
  CHECK(entry.revision == 1);
  std::vector<std::string> fields;
  for (const auto& change : entry.fields) {
    CHECK(change.before == "null");
    fields.push_back(change.field);
  }
  CHECK(fields ==
        std::vector<std::string>{"name", "account", "capabilities", "subjects", "secrets"});
}

TEST_CASE("journal: each `previous` is the keyed hash of the entry before as it is stored",
          "[store]") {
  TestStore store;
  fill(store);
  const auto stored = raw_entries(store);
  const auto entries = store->history(0, 100, {});
  REQUIRE(stored.size() == entries.size());
  CHECK(entries[0].previous == auth::Hash32{});
  for (std::size_t i = 1; i < entries.size(); ++i) {
    CHECK(entries[i].previous == store.key().hash_journal(stored[i - 1]));
  }
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("journal: an entry that was altered, dropped or exchanged breaks the chain at the next",
          "[store]") {
  TestStore store;
  fill(store);
  const auto stored = raw_entries(store);
  SECTION("altered") {
    Entry entry = read_entry(stored[2]).value();
    entry.actor = "local:mallory";
    store.tamper([&](WriteTxn& txn, const Tables& tables) {
      txn.put(tables.journal, sequence_key(3), write_entry(entry));
    });
    CHECK(wrong_with(*store, store.key()) == "entry 4 does not continue the chain");
  }
  SECTION("dropped") {
    store.tamper(
        [&](WriteTxn& txn, const Tables& tables) { txn.remove(tables.journal, sequence_key(3)); });
    CHECK(wrong_with(*store, store.key()) == "entry 4 follows a gap");
  }
  SECTION("dropped, with the rest moved down") {
    store.tamper([&](WriteTxn& txn, const Tables& tables) {
      for (std::size_t i = 3; i < stored.size(); ++i) {
        txn.put(tables.journal, sequence_key(i), stored[i]);
      }
      txn.remove(tables.journal, sequence_key(stored.size()));
    });
    CHECK(wrong_with(*store, store.key()) == "entry 3 does not continue the chain");
  }
  SECTION("exchanged") {
    store.tamper([&](WriteTxn& txn, const Tables& tables) {
      txn.put(tables.journal, sequence_key(3), stored[3]);
      txn.put(tables.journal, sequence_key(4), stored[2]);
    });
    CHECK(wrong_with(*store, store.key()) == "entry 3 does not continue the chain");
  }
}

TEST_CASE("journal: who has not the key cannot make the chain fit", "[store]") {
  TestStore store;
  fill(store);
  std::array<std::uint8_t, 32> other{};
  CHECK(wrong_with(*store, auth::MasterKey{other}) == "entry 2 does not continue the chain");
}

TEST_CASE("journal: no secret and no hash of one is in any entry", "[store]") {
  TestStore store;
  const std::string secret = "correct-horse-battery-staple-correct-hor";
  auth::Credential c = test_credential(1);
  c.secrets[0].hash = store.key().hash_secret(c.id, secret);
  const auto second = store.key().hash_secret(c.id, secret + "2");
  REQUIRE(store->create(c, intent(Action::create)));
  REQUIRE(store->change(c.id, intent(Action::update), [&](auth::Credential& edited) {
    edited.secrets.push_back(edited.secrets[0]);
    edited.secrets[1].hash = second;
  }));
  REQUIRE(store->change(c.id, intent(Action::revoke), revocation()));

  for (const std::string& entry : raw_entries(store)) {
    CHECK(entry.find(secret.substr(0, 8)) == std::string::npos);
    for (const auth::Hash32& hash : {*c.secrets[0].hash, second}) {
      // Any four of its bytes, as they are or as hexadecimal digits.
      for (std::size_t i = 0; i + 4 <= hash.size(); ++i) {
        const std::string raw{hash.begin() + static_cast<std::ptrdiff_t>(i),
                              hash.begin() + static_cast<std::ptrdiff_t>(i) + 4};
        std::string hex;
        for (const char byte : raw) {
          const auto n = static_cast<std::uint8_t>(byte);
          hex += {"0123456789abcdef"[n >> 4], "0123456789abcdef"[n & 15]};
        }
        CHECK(entry.find(raw) == std::string::npos);
        CHECK(entry.find(hex) == std::string::npos);
      }
    }
  }
}

TEST_CASE("journal: bytes that are not UTF-8 do not keep a change from its journal", "[store]") {
  TestStore store;
  REQUIRE(store->create(test_credential(1, auth::Kind::cert, "\xFF\xFE"), intent(Action::create)));
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("journal: history pages by sequence and picks one credential's entries", "[store]") {
  TestStore store;
  fill(store);
  const auto sequences = [&](std::uint64_t after, std::size_t limit, const std::string& id) {
    std::vector<std::uint64_t> found;
    for (const auto& entry : store->history(after, limit, {.id = id}))
      found.push_back(entry.sequence);
    return found;
  };
  using Sequences = std::vector<std::uint64_t>;
  CHECK(sequences(0, 3, "") == Sequences{1, 2, 3});
  CHECK(sequences(3, 3, "") == Sequences{4, 5, 6});
  CHECK(sequences(6, 3, "") == Sequences{7});
  CHECK(sequences(7, 3, "").empty());
  CHECK(sequences(100, 3, "").empty());
  CHECK(sequences(UINT64_MAX, 3, "").empty());
  CHECK(sequences(0, 0, "").empty());
  CHECK(sequences(0, 100, test_id(2)) == Sequences{2, 6});
  CHECK(sequences(0, 2, test_id(2)) == Sequences{2});
  CHECK(sequences(0, 100, test_id(3)).empty());
}

TEST_CASE("journal: an entry that cannot be decoded has no actor, and the others are there",
          "[store]") {
  TestStore store;
  fill(store);
  store.tamper([](WriteTxn& txn, const Tables& tables) {
    txn.put(tables.journal, sequence_key(2), "damage");
  });
  const auto entries = store->history(0, 100, {});
  REQUIRE(entries.size() == 7);
  CHECK(entries[1].actor.empty());
  CHECK(entries[1].sequence == 2);
  CHECK(entries[2].actor == "local:alice");
  CHECK(wrong_with(*store, store.key()) == "entry 2 cannot be decoded");
}

}  // namespace
}  // namespace store
