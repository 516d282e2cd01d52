// A store that goes back in time under the process that has it open.

#include "store/head_watch.h"

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/support/catch.h"
#include "tests/support/child_process.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

namespace fs = std::filesystem;
using auth::Status;

std::string read_file(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// Into the file that is there, whose inode stays.
void write_over(const fs::path& path, std::string_view bytes, std::size_t at = 0) {
  std::fstream out{path, std::ios::binary | std::ios::in | std::ios::out};
  out.seekp(static_cast<std::streamoff>(at));
  out << bytes;
  REQUIRE(out.flush());
}

fs::path data_of(const TestStore& store) {
  return store.place().directory / "data.mdb";
}
fs::path lock_of(const TestStore& store) {
  return store.place().directory / "lock.mdb";
}

void check_gone(TestStore& store) {
  CHECK_THROWS_AS(store->find(auth::Kind::key, test_id(1)), Gone);
  CHECK_THROWS_AS(store->get(test_id(1)), Gone);
  CHECK_THROWS_AS(store->check_files(), Gone);
  CHECK_THROWS_AS(store->create(test_credential(99), intent(Action::create)), Gone);
  CHECK_THROWS_AS(store->change(test_id(2), intent(Action::revoke), revocation()), Gone);
}

// A compacted copy, as `mdb_copy -c` makes it; its transactions begin at 1 again.
std::string compacted(const TestStore& store) {
  const TempDir dir;
  const Environment env{store.place().directory, kTestMap, Environment::Open::existing};
  check(mdb_env_copy2(env.raw(), dir.path().c_str(), MDB_CP_COMPACT), "copy");
  return read_file(dir.path() / "data.mdb");
}

TEST_CASE("head_watch: an older copy that is written over the data file makes the store gone",
          "[store]") {
  TestStore store;
  for (const std::uint32_t n : {1U, 2U})
    REQUIRE_FALSE(create(store, test_credential(n)));
  const std::string old_data = read_file(data_of(store));
  const std::string old_lock = read_file(lock_of(store));
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  REQUIRE(store->get(test_id(1))->status == Status::revoked);

  SECTION("the whole file") {
    write_over(data_of(store), old_data);
  }
  SECTION("the whole file, and the lock table with it") {
    write_over(data_of(store), old_data);
    write_over(lock_of(store), old_lock);
  }
  SECTION("its meta pages alone") {
    write_over(data_of(store), std::string_view{old_data}.substr(0, 8192));
  }
  SECTION("the file of a store that has done much more") {
    TestStore other;
    for (std::uint32_t n = 0; n < 20; ++n)
      REQUIRE_FALSE(create(other, test_credential(n)));
    const std::string newer = read_file(data_of(other));
    write_over(data_of(store), newer);
    // Until the next commit a lookup compares nothing that has moved.
    CHECK_THROWS_AS(store->check_files(), Gone);
    CHECK_THROWS_AS(store->create(test_credential(99), intent(Action::create)), Gone);
    return;
  }
  check_gone(store);
}

TEST_CASE("head_watch: a compacted copy that is written over the data file makes the store gone",
          "[store]") {
  TestStore store;
  for (const std::uint32_t n : {1U, 2U})
    REQUIRE_FALSE(create(store, test_credential(n)));
  store.close();
  const std::string copy = compacted(store);
  store.open();
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  write_over(data_of(store), copy);
  CHECK_THROWS_AS(store->check_files(), Gone);
  CHECK_THROWS_AS(store->find(auth::Kind::key, test_id(1)), Fault);
  CHECK_THROWS_AS(store->change(test_id(2), intent(Action::revoke), revocation()), Fault);
}

TEST_CASE("head_watch: pages of the journal that were put back are noticed without a commit",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  std::string data = read_file(data_of(store));
  const auto actor = data.rfind("local:alice");
  REQUIRE(actor != std::string::npos);
  CHECK_NOTHROW(store->check_files());
  // Wherever the actor stands in the file: in the journal, and in the record.
  for (auto at = data.find("local:alice"); at != std::string::npos;
       at = data.find("local:alice", at + 1)) {
    write_over(data_of(store), "local:malic", at);
  }
  CHECK_THROWS_AS(store->check_files(), Gone);
}

TEST_CASE("head_watch: what other threads and processes commit is not taken for it", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(0)));
  ChildProcess writer{CREDGATE_STORE_HELPER,
                      {"create", store.place().directory, std::to_string(kTestMap), "1", "100"}};
  std::atomic<bool> stop = false;
  std::atomic<int> alarms = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      while (!stop) {
        try {
          if (i == 0) store->check_files();
          static_cast<void>(store->find(auth::Kind::key, test_id(0)));
          static_cast<void>(store->history(0, 10, {}));
        } catch (const Gone&) {
          ++alarms;
        }
      }
    });
  }
  for (std::uint32_t n = 1000; n < 1050; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  CHECK(writer.read_all_lines().size() == 100);
  stop = true;
  threads.clear();
  CHECK(alarms == 0);
  CHECK(store->totals().sequence == 151);
}

TEST_CASE("head_watch: entries that were pruned are not taken for it", "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 5; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  const auto head = store->head();
  REQUIRE(head);
  store.close();
  const Environment env{store.place().directory, kTestMap, Environment::Open::existing};
  const Tables tables = open_tables(env);
  HeadWatch watch{env, tables, store.key()};
  const auto prune = [&](std::uint64_t up_to) {
    WriteTxn txn{env};
    append(txn, tables, store.key(),
           {.at = kNow, .actor = "local:alice", .id = test_id(1), .fields = {}, .reason = ""});
    for (std::uint64_t sequence = 1; sequence <= up_to; ++sequence)
      txn.remove(tables.journal, sequence_key(sequence));
    watch.check_write(txn);
    txn.commit();
  };
  prune(4);  // the newest that was seen is left
  CHECK_NOTHROW(watch.check_now());
  CHECK_NOTHROW(HeadWatch::Read{watch}.check());
  prune(6);  // all that was seen is gone; the entry after it tells its hash
  CHECK_NOTHROW(HeadWatch::Read{watch}.check());
  CHECK_NOTHROW(watch.check_now());
}

}  // namespace
}  // namespace store
