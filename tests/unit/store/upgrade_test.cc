// Stores of a credgate that knew no roles.

#include <csignal>
#include <fstream>
#include <sstream>

#include <sys/resource.h>

#include "store/integrity_check.h"
#include "tests/support/catch.h"
#include "tests/support/child_process.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

constexpr std::size_t kOldTables = 7;

// As that credgate left it.
void make_old(const TestStore& store) {
  const Environment env{store.place().directory, store.place().map_bytes,
                        Environment::Open::existing};
  const Tables tables = open_tables(env);
  WriteTxn txn{env};
  txn.put(tables.meta, "schema", "1");
  check(mdb_drop(txn.raw(), tables.roles, 1), "drop");
  check(mdb_drop(txn.raw(), tables.members, 1), "drop");
  txn.commit();
}

std::string schema_of(const TestStore& store) {
  const Environment env{store.place().directory, store.place().map_bytes,
                        Environment::Open::existing};
  MDB_txn* txn = nullptr;
  check(mdb_txn_begin(env.raw(), nullptr, MDB_RDONLY, &txn), "begin");
  MDB_dbi meta = 0;
  check(mdb_dbi_open(txn, "meta", 0, &meta), "open");
  MDB_val key{6, const_cast<char*>("schema")};
  MDB_val value{};
  check(mdb_get(txn, meta, &key, &value), "get");
  std::string text{static_cast<const char*>(value.mv_data), value.mv_size};
  mdb_txn_abort(txn);
  return text;
}

std::size_t tables_of(const TestStore& store) {
  const Environment env{store.place().directory, store.place().map_bytes,
                        Environment::Open::existing};
  MDB_stat stat{};
  check(mdb_env_stat(env.raw(), &stat), "stat");
  return stat.ms_entries;
}

auth::Role ops() {
  auth::Role role;
  role.account = "APP";
  role.name = "ops";
  role.publish = true;
  role.subjects = {"x"};
  return role;
}

TEST_CASE("upgrade: a store without roles gets them when it is opened, and loses nothing",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  const auto before = store->history(0, 10, {});
  store.close();
  make_old(store);
  REQUIRE(schema_of(store) == "1");
  REQUIRE(tables_of(store) == kOldTables);
  store.open();
  CHECK_FALSE(store->went_back());
  CHECK(store->history(0, 10, {}) == before);
  CHECK(check_all(*store).empty());
  REQUIRE(store->create_role(ops(), intent(Action::create)));
  auth::Credential c = test_credential(2);
  c.roles = {"ops"};
  CHECK_FALSE(create(store, c));
  CHECK(store->find_id(c.id).roles.size() == 1);
  CHECK(check_all(*store).empty());
  store.close();
  CHECK(schema_of(store) == "2");
  CHECK(tables_of(store) == kOldTables + 2);
  store.open();
  CHECK(store->find_id(c.id).roles.size() == 1);
}

// Meanwhile nothing can be written behind the first page of a file.
class FullDisk {
 public:
  FullDisk() {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{.rlim_cur = 4096, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

TEST_CASE("upgrade: a store without roles that cannot be written lets in whoever is in it",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  store.close();
  make_old(store);
  {
    const FullDisk full;
    store.open();
  }
  CHECK(store->get(test_id(1)));
  CHECK_FALSE(store->role("APP", "ops"));
  CHECK_THROWS_AS(store->create_role(ops(), intent(Action::create)), Fault);
  auth::Credential c = test_credential(2);
  c.roles = {"ops"};
  CHECK(create(store, c) == Refusal::invalid);
  CHECK_FALSE(change(store, 1, Action::revoke, revocation()));
  CHECK(check_all(*store).empty());
  store.close();
  CHECK(schema_of(store) == "1");
  store.open();
  CHECK(store->create_role(ops(), intent(Action::create)));
  CHECK(check_all(*store).empty());
}

TEST_CASE("upgrade: who could not upgrade a store takes no change once another process has",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  store.close();
  make_old(store);
  {
    const FullDisk full;
    store.open();
  }
  store->check_files();
  CHECK_FALSE(store->has_roles());
  ChildProcess other{CREDGATE_STORE_HELPER,
                     {"create", store.place().directory, std::to_string(kTestMap), "2", "1"}};
  CHECK(other.read_line() == "2");
  other.wait();
  // It would leave who it revokes among the members of their roles.
  CHECK_THROWS_AS(change(store, 1, Action::revoke, revocation()), Gone);
  CHECK_THROWS_AS(store->check_files(), Gone);
  store.close();
  store.open();
  CHECK(store->has_roles());
  CHECK_FALSE(change(store, 1, Action::revoke, revocation()));
}

TEST_CASE("upgrade: an older copy is not touched before it is accepted", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  store->note_head();
  store.close();
  make_old(store);
  const auto file = store.place().directory / "data.mdb";
  std::stringstream copy;
  copy << std::ifstream{file, std::ios::binary}.rdbuf();
  store.open();
  REQUIRE(store->has_roles());
  REQUIRE_FALSE(create(store, test_credential(2)));
  store->note_head();
  store.close();
  std::ofstream{file, std::ios::binary} << copy.str();
  store.open();
  CHECK(store->went_back());
  CHECK_FALSE(store->has_roles());
  store.close();
  CHECK(schema_of(store) == "1");
}

TEST_CASE("upgrade: a copy of a store without roles is read as one that has none", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  store.close();
  make_old(store);
  const auto keys = test_keys();
  const auto file = store.place().directory / "data.mdb";
  {
    const Store copy{{.directory = file, .map_bytes = kTestMap}, keys, Store::Opening::copy};
    CHECK(copy.get(test_id(1)));
    CHECK(copy.find_id(test_id(1)).roles.empty());
    CHECK_FALSE(copy.role("APP", "ops"));
    CHECK(copy.list_roles("", "", 10).roles.empty());
    CHECK(copy.members("APP", "ops", "", 10).ids.empty());
    CHECK_FALSE(copy.has_member("APP", "ops", test_id(1)));
    CHECK(deep_check(copy).empty());
  }
  CHECK(schema_of(store) == "1");
}

}  // namespace
}  // namespace store
