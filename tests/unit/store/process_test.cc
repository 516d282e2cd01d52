// The store between real processes: what one commits the others see, and what kills one leaves the
// store whole. Faults are made for real.

#include <cerrno>
#include <memory>

#include "store/store.h"
#include "tests/support/catch.h"
#include "tests/support/child_process.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

namespace fs = std::filesystem;
using auth::Status;

class Helper : public ChildProcess {
 public:
  explicit Helper(const std::vector<std::string>& arguments)
      : ChildProcess(CREDGATE_STORE_HELPER, arguments) {}
};

// Another process that has the store open and answers questions.
class Server : public Helper {
 public:
  explicit Server(const Place& place)
      : Helper({"serve", place.directory, std::to_string(place.map_bytes)}) {
    REQUIRE(read_line() == "ready");
  }
};

std::vector<std::string> creation(const Place& place, std::uint32_t first, std::uint32_t count) {
  return {"create", place.directory, std::to_string(place.map_bytes), std::to_string(first),
          std::to_string(count)};
}

bool ended_well(int status) {
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Creates one credential in another process, which a lock that was left behind would keep waiting.
void check_that_others_can_write(const Place& place, std::uint32_t n) {
  Helper writer{creation(place, n, 1)};
  CHECK(writer.read_line() == std::to_string(n));
  CHECK(ended_well(writer.wait()));
}

TEST_CASE("process: what one process commits the next read of another sees, and last_txn has moved",
          "[store]") {
  TestStore store;
  Server other{store.place()};
  CHECK(other.ask("find 1") == "none");
  std::uint64_t txn = store->last_txn();
  const auto moved = [&] {
    const std::uint64_t before = std::exchange(txn, store->last_txn());
    CHECK(other.ask("last_txn") == std::to_string(txn));
    return txn == before + 1;
  };
  CHECK_FALSE(moved());
  REQUIRE_FALSE(create(store, test_credential(1)));
  CHECK(moved());
  CHECK(other.ask("find 1") == "found active");
  REQUIRE_FALSE(change(store, 1, Action::suspend, set_status(Status::suspended)));
  CHECK(moved());
  CHECK(other.ask("find 1") == "found suspended");
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  CHECK(moved());
  CHECK(other.ask("find 1") == "found revoked");

  CHECK_FALSE(store->get(test_id(2)));
  Helper writer{creation(store.place(), 2, 1)};
  CHECK(writer.read_line() == "2");
  CHECK(store->get(test_id(2)));
  CHECK(moved());
}

TEST_CASE("process: four processes create fifty credentials each, at once, and none is lost",
          "[store]") {
  TestStore store;
  std::vector<std::unique_ptr<Helper>> writers;
  for (std::uint32_t i = 0; i < 4; ++i) {
    writers.push_back(std::make_unique<Helper>(creation(store.place(), i * 50, 50)));
  }
  for (std::uint32_t i = 0; i < 4; ++i) {
    const auto lines = writers[i]->read_all_lines();
    CHECK(ended_well(writers[i]->wait()));
    REQUIRE(lines.size() == 50);
    CHECK(lines.front() == std::to_string(i * 50));
    CHECK(lines.back() == std::to_string(i * 50 + 49));
  }
  CHECK(store->list({}, "", 1000).credentials.size() == 200);
  CHECK(store->totals().active == 200);
  CHECK(store->totals().sequence == 200);
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("process: of several processes that make one store, one does, and it is that one's",
          "[store]") {
  const TempDir dir;
  std::vector<std::unique_ptr<Helper>> makers;
  for (const auto* id : {"a", "b", "c", "d"}) {
    makers.push_back(std::make_unique<Helper>(std::vector<std::string>{"init", dir.path(), id}));
  }
  std::string made;
  for (std::size_t i = 0; i < makers.size(); ++i) {
    const auto said = makers[i]->read_line();
    REQUIRE(said);
    if (*said == "done") made += "abcd"[i];
    if (*said != "done") CHECK(said->find("already holds a store") != std::string::npos);
    makers[i]->wait();
  }
  const auto keys = test_keys();
  CHECK(made == Store({dir.path(), kTestMap}, keys).totals().store_id);
}

TEST_CASE("process: a writer killed between put and commit leaves no trace and blocks nobody",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  const auto txn = store->last_txn();
  Helper writer{{"hold-write", store.place().directory, "2"}};
  REQUIRE(writer.read_line() == "ready");
  CHECK_FALSE(store->get(test_id(2)));
  writer.kill();

  CHECK(store->last_txn() == txn);
  CHECK_FALSE(store->get(test_id(2)));
  CHECK(store->totals().sequence == 1);
  check_that_others_can_write(store.place(), 3);
  CHECK_FALSE(create(store, test_credential(2)));
  CHECK(store->totals().sequence == 3);
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("process: a writer killed alone leaves no trace for who opens the store after it",
          "[store]") {
  TestStore store;
  store.close();
  Helper writer{{"hold-write", store.place().directory, "2"}};
  REQUIRE(writer.read_line() == "ready");
  writer.kill();
  check_that_others_can_write(store.place(), 3);
  store.open();
  CHECK_FALSE(store->get(test_id(2)));
  CHECK(store->totals().sequence == 1);
  CHECK(wrong_with(*store, store.key()).empty());
}

std::vector<std::string> end_at_meta(const Place& place, std::uint32_t n, int signal) {
  return {"end-at-meta", place.directory, std::to_string(n), std::to_string(signal)};
}

TEST_CASE("process: a commit whose writer died before the readers knew is there for the next",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  Helper writer{end_at_meta(store.place(), 2, SIGKILL)};
  REQUIRE(writer.read_line() == "signal");
  REQUIRE(WIFSIGNALED(writer.wait()));
  SECTION("process that opens the store, and so for those that have it open") {
    Server next{store.place()};
    CHECK(next.ask("find 2") == "found active");
  }
  SECTION("look of a process that has it open") {
    store->check_files();
  }
  CHECK(store->get(test_id(2)));
  CHECK(store->totals().sequence == 2);
  check_that_others_can_write(store.place(), 3);
  CHECK(store->totals().sequence == 3);
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("process: a writer that is stopped before the readers know of its commit holds up none",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  Helper writer{end_at_meta(store.place(), 2, SIGSTOP)};
  REQUIRE(writer.read_line() == "signal");
  Server next{store.place()};
  CHECK(next.ask("find 1") == "found active");
  CHECK(next.ask("find 2") == "none");
  CHECK(next.ask("check_files") == "in place");
  store->check_files();
  writer.signal(SIGCONT);
  CHECK(writer.read_line() == "done");
  CHECK(next.ask("find 2") == "found active");
  CHECK(store->get(test_id(2)));
}

TEST_CASE("process: nothing that was acknowledged is lost when the writer is killed right after",
          "[store]") {
  TestStore store;
  std::uint32_t first = 0;
  for (int round = 0; round < 10; ++round) {
    CAPTURE(round);
    Helper writer{creation(store.place(), first, 100'000)};
    std::uint32_t acknowledged = first;
    for (int i = 0; i <= round; ++i) {
      REQUIRE(writer.read_line() == std::to_string(acknowledged));
      ++acknowledged;
    }
    writer.kill();
    for (std::uint32_t n = first; n < acknowledged; ++n)
      CHECK(store->get(test_id(n)));
    // Killed between writing a commit and telling the lock table, it is seen by the next that
    // opens.
    store.close();
    store.open();
    // It may have committed more than it had time to say.
    while (store->get(test_id(acknowledged)))
      ++acknowledged;
    first = acknowledged;
    CHECK(store->totals().active == first);
    CHECK(store->totals().sequence == first);
  }
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("process: the snapshot of a killed reader is released when the store is next opened",
          "[store]") {
  TestStore store;
  store.close();
  const Environment env{store.place().directory, kTestMap, Environment::Open::existing};
  const auto release = [&env] {
    int dead = 0;
    check(mdb_reader_check(env.raw(), &dead), "reader check");
    return dead;
  };
  const auto leave_one_behind = [&] {
    Helper reader{{"hold-read", store.place().directory}};
    REQUIRE(reader.read_line() == "ready");
    reader.kill();
  };
  leave_one_behind();
  CHECK(release() == 1);
  leave_one_behind();
  {
    const Server opened{store.place()};
  }
  CHECK(release() == 0);
}

// Fills a map of 1 MiB; gives the fault.
std::string fill(TestStore& store) {
  try {
    for (std::uint32_t n = 0; n < 100'000; ++n)
      static_cast<void>(create(store, test_credential(n)));
  } catch (const Fault& fault) {
    return fault.what();
  }
  return "";
}

TEST_CASE("process: a full map is a fault that says what to do, and reading goes on", "[store]") {
  TestStore store{std::size_t{1} << 20};
  const std::string fault = fill(store);
  CHECK(fault.find("the map is nearly full") != std::string::npos);
  CHECK(fault.find("store.map_size") != std::string::npos);
  const Totals totals = store->totals();
  CHECK(totals.active > 100);
  CHECK(totals.sequence == totals.active);
  CHECK(store->get(test_id(0)));
  CHECK_FALSE(store->get(test_id(static_cast<std::uint32_t>(totals.active))));
  CHECK(wrong_with(*store, store.key()).empty());

  Server other{store.place()};
  CHECK(other.ask("find 0") == "found active");
  store.close();
  other.wait();
  const Place larger{.directory = store.place().directory, .map_bytes = kTestMap};
  check_that_others_can_write(larger, static_cast<std::uint32_t>(totals.active));
  store.open();
  CHECK(store->totals().active == totals.active + 1);
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE(
    "process: a full disk is a fault that says so, also where LMDB speaks of input and output",
    "[store]") {
  for (const int code : {ENOSPC, EIO})
    CHECK(std::string(Fault("commit", code).what()).find("make room") != std::string::npos);
}

TEST_CASE(
    "process: a store that another process let grow beyond this one's map is a fault, not a lie",
    "[store]") {
  TestStore store{std::size_t{1} << 20};
  const Place larger{.directory = store.place().directory, .map_bytes = kTestMap};
  Helper writer{creation(larger, 0, 2000)};
  CHECK(writer.read_all_lines().size() == 2000);
  CHECK(ended_well(writer.wait()));
  CHECK_THROWS_AS(store->get(test_id(0)), Fault);
  CHECK_THROWS_AS(store->totals(), Fault);
  CHECK_THROWS_AS(create(store, test_credential(2000)), Fault);
}

TEST_CASE("process: a process whose data file is cut short ends and finds nothing in what was lost",
          "[store]") {
  TestStore store;
  for (std::uint32_t n = 0; n < 100; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  store.close();
  const fs::path data = store.place().directory / "data.mdb";
  constexpr std::uintmax_t kPage = 4096;

  SECTION("while it runs") {
    Server server{store.place()};
    REQUIRE(server.ask("find 50") == "found active");
    fs::resize_file(data, 2 * kPage);
    const auto said = server.ask("find 50");
    CHECK_FALSE((said && said->starts_with("found")));
    CHECK_FALSE(ended_well(server.wait()));
  }
  SECTION("before it opens the store") {
    fs::resize_file(data, 2 * kPage);
    Helper server{{"serve", store.place().directory, std::to_string(kTestMap)}};
    const auto said = server.read_line();
    CHECK((!said || said->starts_with("fault")));
    CHECK_FALSE(ended_well(server.wait()));
  }
}

TEST_CASE("process: a process whose files are replaced says so", "[store]") {
  TestStore store;
  store.close();
  Server server{store.place()};
  CHECK(server.ask("check_files") == "in place");
  const fs::path data = store.place().directory / "data.mdb";
  fs::copy_file(data, data.string() + ".copy");
  fs::rename(data.string() + ".copy", data);
  CHECK(server.ask("check_files").value().starts_with("fault"));
  CHECK_FALSE(ended_well(server.wait()));
}

}  // namespace
}  // namespace store
