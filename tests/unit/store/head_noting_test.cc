// What is noted outside the store, and what a store is told from by it.

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <tuple>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/head_note.h"
#include "store/integrity_check.h"
#include "store/table_keys.h"
#include "tests/support/catch.h"
#include "tests/support/child_process.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

fs::path head_of(const TestStore& store) {
  return store.place().head_directory / "head";
}

HeadNote noted(const TestStore& store) {
  auto read = read_note(read_file(head_of(store)), store.keys());
  REQUIRE(read);
  return std::move(read->note);
}

void open_newest(const TestStore& store, const auth::MasterKeys& keys) {
  const Store opened{store.place(), keys, Store::Opening::newest};
}

// Puts a copy that was made earlier in the place of the store's data file.
class Copy {
 public:
  explicit Copy(const TestStore& store)
      : file_(store.place().directory / "data.mdb"), bytes_(read_file(file_)) {}
  void put(TestStore& store) const {
    store.close();
    std::ofstream{file_, std::ios::binary} << bytes_;
    store.open();
  }

 private:
  fs::path file_;
  std::string bytes_;
};

void make_three(TestStore& store) {
  for (const std::uint32_t n : {1U, 2U, 3U})
    REQUIRE_FALSE(create(store, test_credential(n)));
}

TEST_CASE("head_noting: the newest head and who was shut out are noted", "[store]") {
  TestStore store;
  make_three(store);
  CHECK_FALSE(fs::exists(head_of(store)));
  store->note_head();
  CHECK(noted(store).head == store->head());
  CHECK(noted(store).store_id == "store-1");
  CHECK(noted(store).complete_from == 3);
  CHECK(noted(store).shutouts.empty());

  REQUIRE_FALSE(change(store, 1, Action::suspend, set_status(auth::Status::suspended)));
  REQUIRE_FALSE(change(store, 1, Action::resume, set_status(auth::Status::active)));
  REQUIRE_FALSE(change(store, 2, Action::update, set_name("other")));
  REQUIRE_FALSE(change(store, 3, Action::revoke, revocation()));
  store->note_head();
  CHECK(noted(store).head == store->head());
  CHECK(noted(store).shutouts == std::vector<Shutout>{{4, Action::suspend, test_id(1)},
                                                      {5, Action::resume, test_id(1)},
                                                      {7, Action::revoke, test_id(3)}});
  const auto mode = fs::status(head_of(store)).permissions();
  CHECK(mode == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("head_noting: an older copy is known by its journal, and takes no change", "[store]") {
  TestStore store;
  make_three(store);
  const Copy copy{store};
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  store->note_head();
  copy.put(store);
  const auto keys = test_keys();
  REQUIRE(store->went_back());
  CHECK(store->went_back()->find("its journal ends at entry 3, but entry 4 is noted in ") !=
        std::string::npos);
  CHECK(store->went_back()->find("credgate restore --accept-older") != std::string::npos);
  CHECK(store->get(test_id(1))->status == auth::Status::active);
  CHECK_THROWS_AS(create(store, test_credential(9)), WentBack);
  CHECK_THROWS_AS(change(store, 1, Action::revoke, revocation()), WentBack);
  CHECK_THROWS_AS(store->note_head(), WentBack);
  CHECK(deep_check(*store).front() == *store->went_back());
  CHECK(store->verify({}) == std::vector{*store->went_back()});
  CHECK(noted(store).head.sequence == 4);
  store.close();
  CHECK_THROWS_AS(open_newest(store, keys), WentBack);
  store.open();
}

TEST_CASE("head_noting: an older copy that was changed since is known by the entry", "[store]") {
  TestStore store;
  make_three(store);
  const Copy copy{store};
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  store->note_head();
  const std::string note = read_file(head_of(store));
  // By a credgate that notes nothing.
  fs::remove_all(store.place().head_directory);
  copy.put(store);
  for (std::uint32_t n = 4; n < 8; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  store.close();
  fs::create_directory(store.place().head_directory);
  std::ofstream{head_of(store)} << note;
  store.open();
  REQUIRE(store->went_back());
  CHECK(store->went_back()->find("entry 4 of its journal is not that which is noted") !=
        std::string::npos);
}

TEST_CASE("head_noting: a note that is missing, altered or another store's is not taken for none",
          "[store]") {
  TestStore store;
  make_three(store);
  store->note_head();
  store.close();
  const auto opened = [&] {
    store.open();
    return store->went_back().value_or("");
  };
  SECTION("missing") {
    fs::remove(head_of(store));
    const std::string why = opened();
    CHECK(why.find("is missing") != std::string::npos);
    CHECK(why.find("If the store was moved, move that directory along") != std::string::npos);
  }
  SECTION("its directory missing") {
    fs::remove_all(store.place().head_directory);
    CHECK(opened().find("is missing") != std::string::npos);
  }
  SECTION("altered") {
    std::ofstream{head_of(store), std::ios::app} << "revoke 9 " << test_id(1) << "\n";
    CHECK(opened().find("was altered") != std::string::npos);
  }
  SECTION("larger than any note") {
    std::ofstream{head_of(store)} << std::string(kMaxNoteBytes + 5000, 'x');
    CHECK(opened().find("was altered") != std::string::npos);
  }
  SECTION("not to be read") {
    fs::remove(head_of(store));
    fs::create_directory(head_of(store));
    // Nobody knows: what passes again must not end a service for good.
    try {
      open_newest(store, store.keys());
      FAIL("it was opened");
    } catch (const WentBack&) {
      FAIL("it is not known to be older");
    } catch (const Fault& fault) {
      CHECK(std::string(fault.what()).find("cannot read the noted head") != std::string::npos);
      CHECK(std::string(fault.what()).find("move " + head_of(store).string() + " away") !=
            std::string::npos);
    }
  }
  SECTION("another store's") {
    TestStore other;
    other.tamper(
        [](WriteTxn& txn, const Tables& tables) { txn.put(tables.meta, "store_id", "store-2"); });
    other->note_head();
    fs::copy_file(head_of(other), head_of(store), fs::copy_options::overwrite_existing);
    CHECK(opened().find("it is store-1, but the head that is noted in ") != std::string::npos);
  }
}

TEST_CASE("head_noting: a store of which nothing was ever noted is taken as it is", "[store]") {
  TestStore store;
  make_three(store);
  store.close();
  const auto keys = test_keys();
  CHECK_NOTHROW(open_newest(store, keys));
  store.open();
}

auth::MasterKeys keys_of(const std::vector<std::uint8_t>& fills) {
  std::vector<auth::MasterKey> all;
  for (const std::uint8_t fill : fills) {
    std::array<std::uint8_t, 32> entropy{};
    entropy.fill(fill);
    all.emplace_back(entropy);
  }
  return auth::MasterKeys{std::move(all)};
}

TEST_CASE("head_noting: a note is signed anew under the first master key", "[store]") {
  TestStore store;
  make_three(store);
  store->note_head();
  store.close();
  const auto next = keys_of({9, 7});
  const auto last = keys_of({9});
  CHECK_THROWS_AS(open_newest(store, last), WentBack);
  {
    Store opened{store.place(), next, Store::Opening::newest};
    opened.note_head();
  }
  CHECK_NOTHROW(open_newest(store, last));
  CHECK_THROWS_AS(open_newest(store, store.keys()), WentBack);
  store.open();
}

// As a daemon that was not restarted after `keys promote`.
TEST_CASE("head_noting: who has noted the head does not take back a newer key's signature",
          "[store]") {
  TestStore store;
  make_three(store);
  store.close();
  const auto before = keys_of({7, 9});
  const auto next = keys_of({9, 7});
  const auto last = keys_of({9});
  Store daemon{store.place(), before, Store::Opening::newest};
  daemon.note_head();
  // The key that another process has signed it with, and a commit that leaves the head as it is.
  const auto signed_first = read_note(read_file(head_of(store)), before);
  REQUIRE(signed_first);
  CHECK(signed_first->key == &before.current());
  HeadNote note = signed_first->note;
  note.head.hash = next.current().hash_journal(write_entry(daemon.history(2, 1, {}).at(0)));
  std::ofstream{head_of(store)} << write_note(note, next.current());
  const auto id = test_id(1);
  const std::pair<std::string, Usage> use{
      id, {.last_used_at = kNow, .last_used_from = "10.0.0.1", .uses = 1}};
  REQUIRE(daemon.add_uses(std::array{use}) == 1);
  daemon.note_head();
  CHECK(read_note(read_file(head_of(store)), last));

  // Nor when there is more to note: once the old key is retired, nobody could read it.
  REQUIRE(daemon.create(test_credential(4), intent(Action::create)));
  daemon.note_head();
  const auto again = read_note(read_file(head_of(store)), last);
  REQUIRE(again);
  CHECK(again->note.head.sequence == 4);
  CHECK_NOTHROW(open_newest(store, last));
}

TEST_CASE("head_noting: the key that is missing is named", "[store]") {
  TestStore store;
  make_three(store);
  store->note_head();
  store.close();
  const auto other = keys_of({9});
  {
    const Store opened{store.place(), other};
    REQUIRE(opened.went_back());
    CHECK(opened.went_back()->find("is signed with master key " + store.key().key_id() +
                                   ", which is not configured") != std::string::npos);
  }
  store.open();
}

TEST_CASE("head_noting: a write that fails is tried again, though nothing was committed since",
          "[store]") {
  TestStore store;
  make_three(store);
  store->note_head();
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  const auto in_the_way = store.place().head_directory / "head.new";
  fs::remove(in_the_way);
  REQUIRE(mkfifo(in_the_way.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(store->note_head(),
                    Catch::Matchers::EndsWith("head.new is not a regular file; remove it"));
  CHECK_THROWS_AS(store->note_head(), Fault);
  CHECK(noted(store).head.sequence == 3);
  fs::remove(in_the_way);
  store->note_head();
  CHECK(noted(store).head == store->head());
}

TEST_CASE("head_noting: a lock that another process keeps is a fault, soon", "[store]") {
  TestStore store;
  make_three(store);
  store->note_head();
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  const int fd = open((store.place().head_directory / "lock").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(flock(fd, LOCK_EX) == 0);
  const auto began = std::chrono::steady_clock::now();
  std::string why;
  try {
    store->note_head();
  } catch (const Fault& fault) {
    why = fault.what();
  }
  CHECK(why.find("another process keeps") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{10});
  close(fd);
  store->note_head();
  CHECK(noted(store).head == store->head());
}

TEST_CASE("head_noting: what was pruned before it was noted is not said to be known", "[store]") {
  TestStore store;
  make_three(store);
  store->note_head();
  CHECK(noted(store).complete_from == 3);
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));   // 4
  REQUIRE_FALSE(change(store, 2, Action::update, set_name("x")));  // 5
  REQUIRE_FALSE(change(store, 3, Action::revoke, revocation()));   // 6
  REQUIRE(store->prune_some(5, std::nullopt) == 6);
  store->note_head();
  CHECK(noted(store).complete_from == 5);
  CHECK(noted(store).shutouts == std::vector<Shutout>{{6, Action::revoke, test_id(3)}});
}

TEST_CASE("head_noting: a note that cannot be written is a fault, and the store takes changes",
          "[store]") {
  TestStore store;
  make_three(store);
  const std::ofstream in_its_place{store.place().head_directory};
  CHECK_THROWS_AS(store->note_head(), Fault);
  CHECK_FALSE(create(store, test_credential(4)));
}

// Whoever owns the directory could lead root to any file.
TEST_CASE("head_noting: a link in the directory is not followed", "[store]") {
  const std::string name = GENERATE(values<const char*>({"head.new", "lock"}));
  CAPTURE(name);
  TestStore store;
  make_three(store);
  store->note_head();
  const fs::path precious = store.place().directory / "precious";
  std::ofstream{precious} << "as it was";
  fs::remove(store.place().head_directory / name);
  fs::create_symlink(precious, store.place().head_directory / name);
  REQUIRE_FALSE(create(store, test_credential(4)));
  CHECK_THROWS_AS(store->note_head(), Fault);
  CHECK(read_file(precious) == "as it was");
}

TEST_CASE("head_noting: root does not write in a directory of another user", "[store]") {
  TestStore store;
  make_three(store);
  store->note_head();
  constexpr uid_t kOther = 65534;
  // Only root can give a directory away, and only for root it is refused.
  if (chown(store.place().head_directory.c_str(), kOther, kOther) != 0) {
    CHECK(geteuid() != 0);
    return;
  }
  REQUIRE_FALSE(create(store, test_credential(4)));
  try {
    store->note_head();
    FAIL("it was noted");
  } catch (const Fault& fault) {
    CHECK(std::string_view{fault.what()}.find("belongs to uid 65534") != std::string_view::npos);
  }
}

TEST_CASE("head_noting: whenever its writer is killed, the note does not lead the store",
          "[store]") {
  TestStore store;
  const auto keys = test_keys();
  std::uint32_t first = 0;
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    ChildProcess writer{CREDGATE_STORE_HELPER,
                        {"note", store.place().directory, std::to_string(kTestMap),
                         std::to_string(first), "1000", store.place().head_directory}};
    for (int i = 0; i <= round % 4; ++i)
      REQUIRE(writer.read_line() == std::to_string(first++));
    writer.kill();
    store.close();
    CHECK_NOTHROW(open_newest(store, keys));
    store.open();
    CHECK(noted(store).head.sequence >= first);
    CHECK(noted(store).head.sequence <= store->totals().sequence);
    while (store->get(test_id(first)))
      ++first;
  }
}

TEST_CASE("head_noting: two processes that note at once leave the newest head", "[store]") {
  TestStore store;
  const auto writer = [&](const char* first) {
    return std::vector<std::string>{
        "note", store.place().directory,     std::to_string(kTestMap), first,
        "40",   store.place().head_directory};
  };
  ChildProcess a{CREDGATE_STORE_HELPER, writer("0")};
  ChildProcess b{CREDGATE_STORE_HELPER, writer("100")};
  CHECK(a.read_all_lines().size() == 40);
  CHECK(b.read_all_lines().size() == 40);
  CHECK(noted(store).head.sequence == 80);
}

// A page of another table that lies in the place of the journal's, as it is read.
TEST_CASE("head_noting: a damaged journal is neither noted nor appended to", "[store]") {
  TestStore store;
  make_three(store);
  store->note_head();
  const std::string note = read_file(head_of(store));
  std::string key;
  std::string value;
  store.tamper([&](WriteTxn& txn, const Tables& tables) {
    const std::string entry{txn.get(tables.journal, sequence_key(3)).value()};
    const std::string record{txn.get(tables.credentials, test_id(1)).value()};
    const auto row = GENERATE_REF(table<std::string, std::string>({
        {test_id(1), record},             // the key is longer
        {"t", entry},                     // shorter
        {sequence_key(4), record},        // the value is not an entry
        {sequence_key(5), entry},         // one is missing
        {std::string(8, '\xff'), entry},  // far behind
    }));
    std::tie(key, value) = row;
    txn.put(tables.journal, key, value);
  });
  CAPTURE(key.size());
  const auto fault = [](const auto& what) {
    try {
      what();
    } catch (const Fault& thrown) {
      return std::string(thrown.what());
    }
    return std::string{"none"};
  };
  const std::string wanted = "store: the journal is damaged after entry 3: ";
  CHECK(fault([&] { store->note_head(); }).starts_with(wanted));
  CHECK(fault([&] { static_cast<void>(create(store, test_credential(4))); }).starts_with(wanted));
  CHECK(read_file(head_of(store)) == note);
  store.tamper([&](WriteTxn& txn, const Tables& tables) { txn.remove(tables.journal, key); });
  CHECK_FALSE(store->went_back());
  CHECK_FALSE(create(store, test_credential(4)));
  store->note_head();
  CHECK(noted(store).head.sequence == 4);
}

TEST_CASE("head_noting: of a damaged journal no first head is noted", "[store]") {
  TestStore store;
  store.tamper(
      [](WriteTxn& txn, const Tables& tables) { txn.put(tables.journal, test_id(1), "a record"); });
  CHECK_THROWS_AS(store->note_head(), Fault);
  CHECK_FALSE(fs::exists(head_of(store)));
  CHECK_THROWS_AS(create(store, test_credential(4)), Fault);
}

}  // namespace
}  // namespace store
