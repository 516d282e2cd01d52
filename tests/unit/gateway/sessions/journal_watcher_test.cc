// The journal as another thread and another process write it.

#include "gateway/sessions/journal_watcher.h"

#include <condition_variable>
#include <mutex>

#include "tests/support/catch.h"
#include "tests/support/child_process.h"
#include "tests/support/store_samples.h"

using gateway::JournalWatcher;

namespace store {
namespace {

using namespace std::chrono_literals;

class Watched {
 public:
  JournalWatcher::OnEntry on_entry() {
    return [this](const Entry& entry) {
      const std::lock_guard lock{mutex_};
      heard_.push_back(std::to_string(entry.sequence) + " " + std::string(name(entry.action)));
      changed_.notify_all();
      if (entry.action == Action::resume) throw std::runtime_error("of the test");
    };
  }
  void await(const std::vector<std::string>& wanted) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 60s, [&] { return heard_.size() >= wanted.size(); });
    CHECK(heard_ == wanted);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> heard_;
};

TEST_CASE("journal_watcher: a follower hears what is committed from now on, in order and once",
          "[sessions]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  Watched heard;
  JournalWatcher watcher{*store, store.place().directory, heard.on_entry()};
  REQUIRE_FALSE(change(store, 1, Action::suspend, set_status(auth::Status::suspended)));
  heard.await({"2 suspend"});
  // One that cannot be acted on costs itself alone.
  REQUIRE_FALSE(change(store, 1, Action::resume, set_status(auth::Status::active)));
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  heard.await({"2 suspend", "3 resume", "4 revoke"});
}

TEST_CASE("journal_watcher: a follower that is slow misses nothing of a long journal",
          "[sessions]") {
  TestStore store;
  Watched heard;
  std::vector<std::string> wanted;
  JournalWatcher watcher{*store, store.place().directory, heard.on_entry()};
  for (std::uint32_t n = 1; n <= 700; ++n) {
    REQUIRE_FALSE(create(store, test_credential(n)));
    wanted.push_back(std::to_string(n) + " create");
  }
  heard.await(wanted);
}

TEST_CASE("journal_watcher: a kick is an entry of its own, and changes nothing", "[sessions]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  const auto before = store->get(test_id(1));
  Watched heard;
  JournalWatcher watcher{*store, store.place().directory, heard.on_entry()};
  REQUIRE_FALSE(change(store, 1, Action::kick, [](auth::Credential&) {}));
  heard.await({"2 kick"});
  CHECK(store->get(test_id(1)) == before);

  Intent now = intent(Action::update);
  now.now = true;
  REQUIRE(store->change(test_id(1), now, set_name("other")));
  heard.await({"2 kick", "3 update", "4 kick"});
  REQUIRE(store->change(test_id(1), now, set_name("other")));
  heard.await({"2 kick", "3 update", "4 kick", "5 kick"});
  CHECK(store->get(test_id(1))->revision == 2);
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE(
    "journal_watcher: what was committed before is told newest first, and what is new as well",
    "[sessions]") {
  TestStore store;
  const std::uint32_t count = GENERATE(1U, 256U, 257U, 600U);
  for (std::uint32_t n = 1; n <= count; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  Watched heard;
  Watched earlier;
  std::vector<std::string> wanted;
  for (std::uint32_t n = count; n > 0; --n)
    wanted.push_back(std::to_string(n) + " create");
  JournalWatcher watcher{*store,
                         store.place().directory,
                         heard.on_entry(),
                         {.since = kNow, .on_entry = earlier.on_entry()}};
  REQUIRE_FALSE(change(store, 1, Action::suspend, set_status(auth::Status::suspended)));
  earlier.await(wanted);
  heard.await({std::to_string(count + 1) + " suspend"});
  earlier.await(wanted);
}

TEST_CASE("journal_watcher: what is older than asked for is not told", "[sessions]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  Watched heard;
  Watched earlier;
  JournalWatcher watcher{*store,
                         store.place().directory,
                         heard.on_entry(),
                         {.since = kNow + 1h, .on_entry = earlier.on_entry()}};
  REQUIRE_FALSE(change(store, 1, Action::suspend, set_status(auth::Status::suspended)));
  heard.await({"2 suspend"});
  earlier.await({});
}

}  // namespace
}  // namespace store
