#include "gateway/lane.h"

#include <future>
#include <set>
#include <stdexcept>

#include "tests/unit/catch.h"
#include "tests/unit/make_gateway.h"

using gateway::Lane;
using gateway::PasswordConfig;
using gateway::Task;
using gateway::made::Gateway;

namespace {

using namespace std::chrono_literals;

// Where every lookup waits until it is opened.
class Gate {
 public:
  void pass() {
    std::unique_lock lock{mutex_};
    ++waiting_;
    changed_.notify_all();
    if (!changed_.wait_for(lock, 60s, [this] { return open_; })) {
      throw std::runtime_error("the gate was never opened");
    }
  }
  void await_waiting(int count) {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, 60s, [&] { return waiting_ >= count; }));
  }
  void open() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

constexpr std::chrono::seconds kPatience{60};

// A lane whose decisions stand at a gate, and what it answered, in order.
class World {
 public:
  World() {
    gateway.put(auth::made::with_password());
    gateway.at_lookup = [this] { gate.pass(); };
  }
  gateway::Beats beats;
  Task task(const std::string& reply) {
    // The test may be slow; its server waits.
    gateway::made::Sent sent =
        gateway::made::sealed(gateway::made::request_jwt(auth::made::with_password().connect,
                                                         auth::made::issuer(), kPatience),
                              gateway::made::xkey(61));
    sent.reply = "$SYS._INBOX." + reply;
    auto opened = gateway.responder().open(sent.envelope());
    REQUIRE(opened);
    return std::move(*opened);
  }
  Lane::MakeResponder make() {
    return [this] {
      ++made;
      return gateway.responder();
    };
  }
  gateway::Responder::Reply reply() {
    return [this](const Task& task, const std::string& /*answer*/, bool granted) {
      const std::lock_guard lock{mutex_};
      replies.push_back(task.reply.substr(std::string("$SYS._INBOX.").size()) +
                        (granted ? " granted" : " denied"));
    };
  }

  Gateway gateway;
  Gate gate;
  std::atomic<int> made = 0;
  std::vector<std::string> replies;

 private:
  std::mutex mutex_;
};

PasswordConfig lanes(unsigned threads, unsigned queue) {
  return {.cost = auth::made::kCheap, .threads = threads, .queue = queue};
}

}  // namespace

TEST_CASE("a lane that is full gives back the oldest, and decides the others in order") {
  World world;
  Lane lane{lanes(1, 2), world.gateway.counters, world.beats, world.make(), world.reply()};
  REQUIRE_FALSE(lane.take(world.task("1")));
  world.gate.await_waiting(1);  // it waits no longer: it is being decided
  CHECK_FALSE(lane.take(world.task("2")));
  CHECK_FALSE(lane.take(world.task("3")));
  const auto oldest = lane.take(world.task("4"));
  // It is whole, and can be refused.
  REQUIRE(oldest);
  CHECK(oldest->reply == "$SYS._INBOX.2");
  CHECK(oldest->slow());
  world.gate.open();
  lane.drain();
  CHECK(world.replies == std::vector<std::string>{"1 granted", "3 granted", "4 granted"});
  CHECK(world.gateway.counters.granted() == 3);
}

TEST_CASE("once the oldest has waited for a third of its server's time, the newest goes first") {
  World world;
  Lane lane{lanes(1, 8), world.gateway.counters, world.beats, world.make(), world.reply()};
  REQUIRE_FALSE(lane.take(world.task("1")));
  world.gate.await_waiting(1);
  Task old = world.task("2");
  old.arrived -= kPatience / 2;
  REQUIRE_FALSE(lane.take(std::move(old)));
  REQUIRE_FALSE(lane.take(world.task("3")));
  REQUIRE_FALSE(lane.take(world.task("4")));
  world.gate.open();
  lane.drain();
  CHECK(world.replies ==
        std::vector<std::string>{"1 granted", "4 granted", "3 granted", "2 granted"});
}

TEST_CASE("a drain decides what waits, and returns when all of it is answered") {
  World world;
  Lane lane{lanes(2, 8), world.gateway.counters, world.beats, world.make(), world.reply()};
  for (const char* reply : {"1", "2", "3", "4", "5"})
    REQUIRE_FALSE(lane.take(world.task(reply)));
  world.gate.await_waiting(2);
  auto drained = std::async(std::launch::async, [&] { lane.drain(); });
  world.gate.open();
  drained.get();
  CHECK(std::set(world.replies.begin(), world.replies.end()) ==
        std::set<std::string>{"1 granted", "2 granted", "3 granted", "4 granted", "5 granted"});
  CHECK(world.made == 2);
}

TEST_CASE("one that is too late does not keep the lane from its order") {
  World world;
  Lane lane{lanes(1, 8), world.gateway.counters, world.beats, world.make(), world.reply()};
  REQUIRE_FALSE(lane.take(world.task("1")));
  world.gate.await_waiting(1);
  Task late = world.task("late");
  late.arrived -= kPatience;
  REQUIRE_FALSE(lane.take(std::move(late)));
  REQUIRE_FALSE(lane.take(world.task("2")));
  REQUIRE_FALSE(lane.take(world.task("3")));
  world.gate.open();
  lane.drain();
  CHECK(world.replies == std::vector<std::string>{"1 granted", "2 granted", "3 granted"});
}

TEST_CASE("what is dropped is not decided") {
  World world;
  Lane lane{lanes(1, 8), world.gateway.counters, world.beats, world.make(), world.reply()};
  REQUIRE_FALSE(lane.take(world.task("1")));
  world.gate.await_waiting(1);
  REQUIRE_FALSE(lane.take(world.task("2")));
  REQUIRE_FALSE(lane.take(world.task("3")));
  lane.drop();
  world.gate.open();
  lane.drain();
  CHECK(world.replies == std::vector<std::string>{"1 granted"});
  CHECK(world.gateway.lookups.size() == 1);
}

TEST_CASE("what its server waits for no longer costs no hash and gets no answer") {
  World world;
  world.gate.open();
  Lane lane{lanes(1, 8), world.gateway.counters, world.beats, world.make(), world.reply()};
  Task late = world.task("late");
  late.arrived -= kPatience;
  REQUIRE_FALSE(lane.take(std::move(late)));
  REQUIRE_FALSE(lane.take(world.task("timely")));
  lane.drain();
  CHECK(world.replies == std::vector<std::string>{"timely granted"});
  CHECK(world.gateway.lookups.size() == 1);
  CHECK(world.gateway.counters.denied() == 1);
}

TEST_CASE("a password that was hashed too late is not logged as granted, and gets no answer") {
  World world;
  Lane lane{lanes(1, 8), world.gateway.counters, world.beats, world.make(), world.reply()};
  Task task = world.task("late");
  task.arrived -= kPatience - 2s;
  const auto deadline = task.arrived + kPatience;
  REQUIRE_FALSE(lane.take(std::move(task)));
  world.gate.await_waiting(1);
  std::this_thread::sleep_until(deadline);
  world.gate.open();
  lane.drain();
  CHECK(world.replies.empty());
  CHECK(world.gateway.counters.granted() == 0);
  CHECK(world.gateway.counters.denied() == 1);
}
