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

// A lane whose decisions stand at a gate, and what it answered, in order.
class World {
 public:
  World() {
    gateway.put(auth::made::with_password());
    gateway.at_lookup = [this] { gate.pass(); };
  }
  Task task(const std::string& reply) {
    gateway::made::Sent sent = gateway::made::sealed(
        gateway::made::request_jwt(auth::made::with_password().connect), gateway::made::xkey(61));
    sent.reply = "$SYS._INBOX." + reply;
    auto opened = gateway.responder().open(sent.envelope());
    REQUIRE(opened);
    // The test may be slow; its server is not.
    opened->arrived += 1h;
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

TEST_CASE("a lane that is full takes nothing more, and decides in order what it took") {
  World world;
  Lane lane{lanes(1, 2), world.make(), world.reply()};
  Task first = world.task("1");
  REQUIRE(lane.take(first));
  world.gate.await_waiting(1);  // it waits no longer: it is being decided
  Task second = world.task("2");
  Task third = world.task("3");
  Task fourth = world.task("4");
  CHECK(lane.take(second));
  CHECK(lane.take(third));
  CHECK_FALSE(lane.take(fourth));
  // What was not taken is whole, and can be refused.
  REQUIRE(fourth.request);
  CHECK(fourth.slow());
  world.gate.open();
  lane.drain();
  CHECK(world.replies == std::vector<std::string>{"1 granted", "2 granted", "3 granted"});
  CHECK(world.gateway.counters.granted == 3);
}

TEST_CASE("a drain decides what waits, and returns when all of it is answered") {
  World world;
  Lane lane{lanes(2, 8), world.make(), world.reply()};
  for (const char* reply : {"1", "2", "3", "4", "5"}) {
    Task task = world.task(reply);
    REQUIRE(lane.take(task));
  }
  world.gate.await_waiting(2);
  auto drained = std::async(std::launch::async, [&] { lane.drain(); });
  world.gate.open();
  drained.get();
  CHECK(std::set(world.replies.begin(), world.replies.end()) ==
        std::set<std::string>{"1 granted", "2 granted", "3 granted", "4 granted", "5 granted"});
  CHECK(world.made == 2);
}

TEST_CASE("a lane that goes decides what waits, as a drain does") {
  World world;
  world.gate.open();
  {
    Lane lane{lanes(1, 8), world.make(), world.reply()};
    for (const char* reply : {"1", "2"}) {
      Task task = world.task(reply);
      REQUIRE(lane.take(task));
    }
  }
  CHECK(world.replies == std::vector<std::string>{"1 granted", "2 granted"});
}

TEST_CASE("what its server waits for no longer costs no hash and gets no answer") {
  World world;
  world.gate.open();
  Lane lane{lanes(1, 8), world.make(), world.reply()};
  Task late = world.task("late");
  late.arrived -= 2h;
  Task timely = world.task("timely");
  REQUIRE(lane.take(late));
  REQUIRE(lane.take(timely));
  lane.drain();
  CHECK(world.replies == std::vector<std::string>{"timely granted"});
  CHECK(world.gateway.lookups.size() == 1);
  CHECK(world.gateway.counters.denied == 1);
}
