// The store and the files that it lies in.

#include <fstream>

#include <sys/stat.h>

#include "store/store.h"
#include "tests/support/catch.h"
#include "tests/support/other_user.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

namespace fs = std::filesystem;

// What the fault says; empty where none was thrown.
template <class Expected>
std::string fault(const std::function<void()>& act) {
  try {
    act();
  } catch (const Expected& thrown) {
    return thrown.what();
  }
  return "";
}

bool says(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

void open(const fs::path& directory) {
  const auto keys = test_keys();
  const Store store{{.directory = directory, .map_bytes = kTestMap}, keys};
}

TEST_CASE("files: an empty directory holds no store, is left empty, and the fault says what to do",
          "[store]") {
  const TempDir dir;
  CHECK(says(fault<Unusable>([&] { open(dir.path()); }), "restore it from a backup"));
  CHECK(fs::is_empty(dir.path()));
}

TEST_CASE("files: a directory that does not exist is a fault for opening and for creating",
          "[store]") {
  const TempDir dir;
  const fs::path nowhere = dir.path() / "nowhere";
  CHECK_THROWS_AS(open(nowhere), Unusable);
  CHECK_THROWS_AS(Store::create({nowhere, kTestMap}, "store-1", kNow), Fault);
}

TEST_CASE("files: a store that exists is not overwritten", "[store]") {
  TestStore store;
  REQUIRE(store->create(test_credential(1), intent(Action::create)));
  store.close();
  const auto refused = fault<Fault>([&] { Store::create(store.place(), "store-2", kNow); });
  CHECK(says(refused, "already holds a store"));
  store.open();
  CHECK(store->totals().store_id == "store-1");
  CHECK(store->get(test_id(1)));
}

TEST_CASE("files: an empty data file is refused and stays empty", "[store]") {
  const TempDir dir;
  std::ofstream{dir.path() / "data.mdb"};
  CHECK(says(fault<Unusable>([&] { open(dir.path()); }), "backup"));
  CHECK(fs::file_size(dir.path() / "data.mdb") == 0);
  CHECK_THROWS_AS(Store::create({dir.path(), kTestMap}, "store-1", kNow), Fault);
}

TEST_CASE("files: a data file that is none of LMDB's is refused and not touched", "[store]") {
  const TempDir dir;
  std::ofstream{dir.path() / "data.mdb"} << std::string(10'000, 'x');
  CHECK(says(fault<DamagedPage>([&] { open(dir.path()); }), "backup"));
  CHECK(fs::file_size(dir.path() / "data.mdb") == 10'000);
}

TEST_CASE("files: a data file cut inside its head is refused", "[store]") {
  TestStore store;
  store.close();
  for (const std::uintmax_t size : {1U, 100U, 4096U, 4100U}) {
    CAPTURE(size);
    fs::resize_file(store.place().directory / "data.mdb", size);
    CHECK_THROWS_AS(store.open(), DamagedPage);
  }
}

TEST_CASE("files: what this user may not read is said to be that, before it is open and after",
          "[store]") {
  TestStore store;
  const fs::path directory = store.place().directory;
  REQUIRE(chmod(directory.c_str(), 0) == 0);
  {
    const gateway::ActingAs other{made::kOtherUser};  // root may enter every directory
    const auto gone = fault<Gone>([&] { store->check_files(); });
    CHECK(says(gone, "data.mdb can no longer be reached: Permission denied"));
    CHECK(says(fault<Unusable>([&] { open(directory); }), "data.mdb: Permission denied"));
  }
  REQUIRE(chmod(directory.c_str(), 0700) == 0);
  CHECK_NOTHROW(store->check_files());
}

TEST_CASE("files: somebody else's LMDB environment is not a store", "[store]") {
  const TempDir dir;
  {
    const Environment env{dir.path(), kTestMap, Environment::Open::fresh};
  }
  CHECK(says(fault<WrongSchema>([&] { open(dir.path()); }), "not a credgate store"));
}

TEST_CASE("files: a store of a newer schema, or of none, is refused with both numbers", "[store]") {
  TestStore store;
  const auto set_schema = [](const std::string& schema) {
    return
        [schema](WriteTxn& txn, const Tables& tables) { txn.put(tables.meta, "schema", schema); };
  };
  const auto refused = fault<WrongSchema>([&] { store.tamper(set_schema("3")); });
  CHECK(says(refused, "schema 3"));
  CHECK(says(refused, "knows 1 and 2"));
}

TEST_CASE("files: a schema that cannot be read is damage, and not another schema", "[store]") {
  for (const char* value : {"", "x", "1x", "99999999999999999999"}) {
    CAPTURE(value);
    TestStore store;
    const auto refused = fault<Unusable>([&] {
      store.tamper(
          [&](WriteTxn& txn, const Tables& tables) { txn.put(tables.meta, "schema", value); });
    });
    CHECK(says(refused, "`schema` of its table meta cannot be read"));
    CHECK(says(refused, "restore it from a backup"));
  }
}

TEST_CASE("files: a store that has entries, and no schema, is damaged", "[store]") {
  TestStore store;
  REQUIRE(store->create(test_credential(1), intent(Action::create)));
  const auto refused = fault<Unusable>([&] {
    store.tamper([&](WriteTxn& txn, const Tables& tables) { txn.remove(tables.meta, "schema"); });
  });
  CHECK(says(refused, "`schema` of its table meta is missing, so it is damaged; restore it"));
}

TEST_CASE("files: a pipe in the place of the lock file is named", "[store]") {
  TestStore store;
  store.close();
  const fs::path lock = store.place().directory / "lock.mdb";
  fs::remove(lock);
  REQUIRE(mkfifo(lock.c_str(), 0600) == 0);
  const auto refused = fault<Unusable>([&] { open(store.place().directory); });
  CHECK(says(refused, "lock.mdb is not a regular file"));
  CHECK(says(refused, "remove it"));
}

TEST_CASE("files: a pipe in the place of the data file is not waited for", "[store]") {
  const TempDir dir;
  REQUIRE(mkfifo((dir.path() / "data.mdb").c_str(), 0600) == 0);
  CHECK(says(fault<Unusable>([&] { open(dir.path()); }), "is not a regular file"));
  const Place place{.directory = dir.path(), .map_bytes = kTestMap};
  CHECK(says(fault<Unusable>([&] { check_pages(place); }), "is not a regular file"));
}

TEST_CASE("files: a store whose making was interrupted is refused", "[store]") {
  const TempDir dir;
  {
    const Environment env{dir.path(), kTestMap, Environment::Open::fresh};
    create_tables(env);
  }
  CHECK_THROWS_AS(open(dir.path()), WrongSchema);
}

TEST_CASE("files: a store opens again with what it held", "[store]") {
  TestStore store;
  REQUIRE(store->create(test_credential(1), intent(Action::create)));
  const auto before = store->get(test_id(1));
  store.close();
  store.open();
  CHECK(store->get(test_id(1)) == before);
  CHECK_NOTHROW(store->check_files());
}

TEST_CASE("files: a store whose files were removed or replaced is gone, and takes no change",
          "[store]") {
  TestStore store;
  REQUIRE(store->create(test_credential(1), intent(Action::create)));
  const fs::path data = store.place().directory / "data.mdb";
  const fs::path lock = store.place().directory / "lock.mdb";
  CHECK_NOTHROW(store->check_files());
  SECTION("the data file removed") {
    fs::remove(data);
  }
  SECTION("the lock file removed") {
    fs::remove(lock);
  }
  SECTION("the directory moved") {
    fs::create_directory(store.place().directory / "old");
    fs::rename(data, store.place().directory / "old" / "data.mdb");
    fs::rename(lock, store.place().directory / "old" / "lock.mdb");
  }
  SECTION("the data file replaced by its copy") {
    fs::copy_file(data, data.string() + ".copy");
    fs::rename(data.string() + ".copy", data);
  }
  SECTION("the lock file replaced") {
    std::ofstream{lock.string() + ".new"};
    fs::rename(lock.string() + ".new", lock);
  }
  CHECK_THROWS_AS(store->check_files(), Gone);
  CHECK_THROWS_AS(store->create(test_credential(2), intent(Action::create)), Gone);
  CHECK_THROWS_AS(store->change(test_id(1), intent(Action::revoke), revocation()), Gone);
  // What it still reads is a ghost, to be granted from by nobody.
  for (const std::uint32_t n : {1U, 2U}) {
    CHECK_THROWS_AS(store->get(test_id(n)), Gone);
    CHECK_THROWS_AS(store->find(auth::Kind::key, test_id(n)), Gone);
  }
  CHECK_THROWS_AS(store->find(auth::Kind::nkey, test_nkey(1)), Gone);
  CHECK_THROWS_AS(store->find(auth::Kind::password, std::string(1000, 'x')), Gone);
  CHECK_THROWS_AS(store->list({}, "", 10), Gone);
  CHECK_THROWS_AS(store->ids_named("device-1"), Gone);
  CHECK_THROWS_AS(store->history(0, 10, {}), Gone);
  CHECK_THROWS_AS(store->head(), Gone);
  CHECK_THROWS_AS(store->totals(), Gone);
}

TEST_CASE("files: the files are for their owner alone", "[store]") {
  const TestStore store;
  for (const auto* file : {"data.mdb", "lock.mdb"}) {
    const auto mode = fs::status(store.place().directory / file).permissions();
    CHECK(mode == (fs::perms::owner_read | fs::perms::owner_write));
  }
}

}  // namespace
}  // namespace store
