#include "gateway/callout/password_queue.h"

#include <future>
#include <set>
#include <stdexcept>

#include "tests/support/catch.h"
#include "tests/support/make_gateway.h"

using gateway::PasswordConfig;
using gateway::PasswordQueue;
using gateway::RequestTask;
using gateway::Throttle;
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
constexpr auto kStranger = Throttle::Standing::stranger;
constexpr auto kKnown = Throttle::Standing::known;

// A lane whose decisions stand at a gate, and what it answered, in order.
class World {
 public:
  World() {
    gateway.put(auth::made::with_password());
    gateway.at_lookup = [this] { gate.pass(); };
  }
  gateway::StallDetector stalls;
  RequestTask task(const std::string& reply) {
    // The test may be slow; its server waits.
    gateway::made::Sent sent =
        gateway::made::sealed(gateway::made::request_jwt(auth::made::with_password().connect,
                                                         auth::made::issuer(), kPatience),
                              gateway::made::xkey(61));
    sent.reply = "$SYS._INBOX." + reply;
    auto opened = gateway.decider().open(sent.envelope());
    REQUIRE(opened);
    return std::move(*opened);
  }
  // `queue`: of both halves.
  PasswordQueue queue(unsigned threads, unsigned queue) {
    const PasswordConfig config{.cost = auth::made::kCheap, .threads = threads, .queue = queue};
    return {config, gateway.counters, stalls, throttle, make(), reply()};
  }

  Gateway gateway;
  Gate gate;
  Throttle throttle{{}};
  std::atomic<int> made = 0;
  std::vector<std::string> replies;

 private:
  PasswordQueue::MakeResponder make() {
    return [this] {
      ++made;
      return gateway.decider();
    };
  }
  gateway::Decider::Reply reply() {
    return [this](const RequestTask& task, const std::string& /*answer*/, bool granted) {
      const std::lock_guard lock{mutex_};
      replies.push_back(task.reply.substr(std::string("$SYS._INBOX.").size()) +
                        (granted ? " granted" : " denied"));
    };
  }

  std::mutex mutex_;
};

}  // namespace

TEST_CASE("a lane that is full gives back the oldest, and decides the others in order") {
  World world;
  PasswordQueue queue = world.queue(1, 4);
  REQUIRE_FALSE(queue.take(world.task("1"), kStranger));
  world.gate.await_waiting(1);  // it waits no longer: it is being decided
  CHECK_FALSE(queue.take(world.task("2"), kStranger));
  CHECK_FALSE(queue.take(world.task("3"), kStranger));
  const auto oldest = queue.take(world.task("4"), kStranger);
  // It is whole, and can be refused.
  REQUIRE(oldest);
  CHECK(oldest->reply == "$SYS._INBOX.2");
  CHECK(oldest->slow());
  world.gate.open();
  queue.drain();
  CHECK(world.replies == std::vector<std::string>{"1 granted", "3 granted", "4 granted"});
  CHECK(world.gateway.counters.granted() == 3);
}

TEST_CASE("once the oldest has waited for a third of its server's time, the newest goes first") {
  World world;
  PasswordQueue queue = world.queue(1, 8);
  REQUIRE_FALSE(queue.take(world.task("1"), kStranger));
  world.gate.await_waiting(1);
  RequestTask old = world.task("2");
  old.arrived -= kPatience / 2;
  REQUIRE_FALSE(queue.take(std::move(old), kStranger));
  REQUIRE_FALSE(queue.take(world.task("3"), kStranger));
  REQUIRE_FALSE(queue.take(world.task("4"), kStranger));
  world.gate.open();
  queue.drain();
  CHECK(world.replies ==
        std::vector<std::string>{"1 granted", "4 granted", "3 granted", "2 granted"});
}

TEST_CASE("a drain decides what waits, and returns when all of it is answered") {
  World world;
  PasswordQueue queue = world.queue(2, 8);
  for (const char* reply : {"1", "2", "3", "4", "5"})
    REQUIRE_FALSE(queue.take(world.task(reply), kStranger));
  world.gate.await_waiting(2);
  auto drained = std::async(std::launch::async, [&] { queue.drain(); });
  world.gate.open();
  drained.get();
  CHECK(std::set(world.replies.begin(), world.replies.end()) ==
        std::set<std::string>{"1 granted", "2 granted", "3 granted", "4 granted", "5 granted"});
  CHECK(world.made == 2);
}

TEST_CASE("one that is too late does not keep the lane from its order") {
  World world;
  PasswordQueue queue = world.queue(1, 8);
  REQUIRE_FALSE(queue.take(world.task("1"), kStranger));
  world.gate.await_waiting(1);
  RequestTask late = world.task("late");
  late.arrived -= kPatience;
  REQUIRE_FALSE(queue.take(std::move(late), kStranger));
  REQUIRE_FALSE(queue.take(world.task("2"), kStranger));
  REQUIRE_FALSE(queue.take(world.task("3"), kStranger));
  world.gate.open();
  queue.drain();
  CHECK(world.replies == std::vector<std::string>{"1 granted", "2 granted", "3 granted"});
}

TEST_CASE("what is dropped is not decided") {
  World world;
  PasswordQueue queue = world.queue(1, 8);
  REQUIRE_FALSE(queue.take(world.task("1"), kStranger));
  world.gate.await_waiting(1);
  REQUIRE_FALSE(queue.take(world.task("2"), kStranger));
  REQUIRE_FALSE(queue.take(world.task("3"), kStranger));
  queue.drop();
  world.gate.open();
  queue.drain();
  CHECK(world.replies == std::vector<std::string>{"1 granted"});
  CHECK(world.gateway.lookups.size() == 1);
}

TEST_CASE("what its server waits for no longer costs no hash and gets no answer") {
  World world;
  world.gate.open();
  PasswordQueue queue = world.queue(1, 8);
  RequestTask late = world.task("late");
  late.arrived -= kPatience;
  REQUIRE_FALSE(queue.take(std::move(late), kStranger));
  REQUIRE_FALSE(queue.take(world.task("timely"), kStranger));
  queue.drain();
  CHECK(world.replies == std::vector<std::string>{"timely granted"});
  CHECK(world.gateway.lookups.size() == 1);
  CHECK(world.gateway.counters.denied() == 1);
}

TEST_CASE("a password that was hashed too late is not logged as granted, and gets no answer") {
  World world;
  PasswordQueue queue = world.queue(1, 8);
  RequestTask task = world.task("late");
  task.arrived -= kPatience - 2s;
  const auto deadline = task.arrived + kPatience;
  REQUIRE_FALSE(queue.take(std::move(task), kStranger));
  world.gate.await_waiting(1);
  std::this_thread::sleep_until(deadline);
  world.gate.open();
  queue.drain();
  CHECK(world.replies.empty());
  CHECK(world.gateway.counters.granted() == 0);
  CHECK(world.gateway.counters.denied() == 1);
}

TEST_CASE("strangers have half of the lane, and leave the other half to those that are known") {
  World world;
  PasswordQueue queue = world.queue(1, 4);
  REQUIRE_FALSE(queue.take(world.task("1"), kStranger));
  world.gate.await_waiting(1);
  for (const char* reply : {"s1", "s2"})
    REQUIRE_FALSE(queue.take(world.task(reply), kStranger));
  CHECK(queue.take(world.task("s3"), kStranger)->reply == "$SYS._INBOX.s1");
  for (const char* reply : {"k1", "k2"})
    REQUIRE_FALSE(queue.take(world.task(reply), kKnown));
  CHECK(queue.take(world.task("k3"), kKnown)->reply == "$SYS._INBOX.k1");
  CHECK(world.gateway.counters.passwords_waiting == 4);
  world.gate.open();
  queue.drain();
  CHECK(world.replies == std::vector<std::string>{"1 granted", "k2 granted", "s2 granted",
                                                  "k3 granted", "s3 granted"});
}

TEST_CASE("a lane of one place has one for each half") {
  World world;
  PasswordQueue queue = world.queue(1, 1);
  REQUIRE_FALSE(queue.take(world.task("1"), kStranger));
  world.gate.await_waiting(1);
  REQUIRE_FALSE(queue.take(world.task("s"), kStranger));
  REQUIRE_FALSE(queue.take(world.task("k"), kKnown));
  world.gate.open();
  queue.drain();
  CHECK(world.replies.size() == 3);
}

TEST_CASE("a login that has failed too often while it waited costs no hash") {
  World world;
  world.throttle.set({.login = 2, .source = 0, .window = 3600s});
  PasswordQueue queue = world.queue(1, 8);
  REQUIRE_FALSE(queue.take(world.task("1"), kStranger));
  world.gate.await_waiting(1);
  RequestTask task = world.task("2");
  const auto guess = task.guess().value();
  REQUIRE_FALSE(queue.take(std::move(task), kStranger));
  for (int i = 0; i < 2; ++i)
    world.throttle.failed(guess);
  world.gate.open();
  queue.drain();
  CHECK(world.replies == std::vector<std::string>{"1 granted", "2 denied"});
  CHECK(world.gateway.lookups.size() == 1);
  const auto& throttled =
      world.gateway.counters.denied_for.at(static_cast<std::size_t>(auth::Deny::throttled));
  CHECK(gateway::Counters::sum(throttled) == 1);
}
