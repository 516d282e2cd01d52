#include "gateway/callout/password_queue.h"

#include <future>
#include <set>
#include <stdexcept>

#include "tests/support/catch.h"
#include "tests/support/make_gateway.h"

using gateway::PasswordConfig;
using gateway::PasswordQueue;
using gateway::RequestTask;
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

constexpr std::chrono::seconds kTimeout{60};

// A pipeline whose password lookups stand at a gate, and what it answered, in order.
class World {
 public:
  // `places`: in both halves of the queue.
  World(unsigned threads, unsigned places) {
    gateway.put(auth::made::with_password());
    gateway.at_lookup = [this] { gate.pass(); };
    queue = std::make_unique<PasswordQueue>(
        PasswordConfig{.cost = auth::made::kCheap, .threads = threads, .queue = places},
        gateway.counters, gateway.stalls.passwords, [this]() -> PasswordQueue::Handle {
          ++made;
          return [this](const RequestTask& task) { handle(task); };
        });
  }
  RequestTask task(const std::string& reply) {
    // The test may be slow; its server waits.
    gateway::made::Sent sent =
        gateway::made::sealed(gateway::made::request_jwt(auth::made::with_password().connect,
                                                         auth::made::issuer(), kTimeout),
                              gateway::made::xkey(61));
    sent.reply = "$SYS._INBOX." + reply;
    return gateway.task(sent);
  }
  std::optional<RequestTask> push(const std::string& reply, bool known = false) {
    return queue->push(task(reply), known);
  }

  Gateway gateway;
  Gate gate;
  std::atomic<int> made = 0;
  std::unique_ptr<PasswordQueue> queue;
  gateway::Locked<std::vector<std::string>> handled;

 private:
  void handle(const RequestTask& task) {
    static_cast<void>(gateway.source.find(auth::Kind::password, "any"));
    handled.lock()->push_back(task.reply.subject.substr(std::string("$SYS._INBOX.").size()));
  }
};

using Replies = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "password_queue: a queue that is full gives back the oldest, and handles the others in order",
    "[callout]") {
  World world{1, 4};
  REQUIRE_FALSE(world.push("1"));
  world.gate.await_waiting(1);  // it waits no longer: it is being decided
  CHECK_FALSE(world.push("2"));
  CHECK_FALSE(world.push("3"));
  const auto oldest = world.push("4");
  // It is whole, and can be refused.
  REQUIRE(oldest);
  CHECK(oldest->reply.subject == "$SYS._INBOX.2");
  CHECK(oldest->slow());
  world.gate.open();
  world.queue->drain();
  CHECK(*world.handled.lock() == Replies{"1", "3", "4"});
}

TEST_CASE(
    "password_queue: once the oldest has waited for a third of its server's time, the newest goes "
    "first",
    "[callout]") {
  World world{1, 8};
  REQUIRE_FALSE(world.push("1"));
  world.gate.await_waiting(1);
  RequestTask old = world.task("2");
  old.arrived -= kTimeout / 2;
  REQUIRE_FALSE(world.queue->push(std::move(old), false));
  REQUIRE_FALSE(world.push("3"));
  REQUIRE_FALSE(world.push("4"));
  world.gate.open();
  world.queue->drain();
  CHECK(*world.handled.lock() == Replies{"1", "4", "3", "2"});
}

TEST_CASE("password_queue: a drain handles what waits, and returns when all of it is done",
          "[callout]") {
  World world{2, 10};
  for (const char* reply : {"1", "2", "3", "4", "5"})
    REQUIRE_FALSE(world.push(reply));
  world.gate.await_waiting(2);
  auto drained = std::async(std::launch::async, [&] { world.queue->drain(); });
  world.gate.open();
  drained.get();
  const Replies handled = *world.handled.lock();
  CHECK(std::set(handled.begin(), handled.end()) == std::set<std::string>{"1", "2", "3", "4", "5"});
  CHECK(world.made == 2);
}

TEST_CASE("password_queue: one that is too late does not keep the queue from its order",
          "[callout]") {
  World world{1, 8};
  REQUIRE_FALSE(world.push("1"));
  world.gate.await_waiting(1);
  RequestTask late = world.task("late");
  late.arrived -= kTimeout;
  REQUIRE_FALSE(world.queue->push(std::move(late), false));
  REQUIRE_FALSE(world.push("2"));
  REQUIRE_FALSE(world.push("3"));
  world.gate.open();
  world.queue->drain();
  CHECK(*world.handled.lock() == Replies{"1", "late", "2", "3"});
}

TEST_CASE("password_queue: what is dropped is not handled", "[callout]") {
  World world{1, 8};
  REQUIRE_FALSE(world.push("1"));
  world.gate.await_waiting(1);
  REQUIRE_FALSE(world.push("2"));
  REQUIRE_FALSE(world.push("3"));
  world.queue->drop();
  world.gate.open();
  world.queue->drain();
  CHECK(*world.handled.lock() == Replies{"1"});
  CHECK(world.gateway.lookups.size() == 1);
}

TEST_CASE(
    "password_queue: unknown logins have half of the queue, and leave the other half to known ones",
    "[callout]") {
  World world{1, 4};
  REQUIRE_FALSE(world.push("1"));
  world.gate.await_waiting(1);
  for (const char* reply : {"s1", "s2"})
    REQUIRE_FALSE(world.push(reply));
  CHECK(world.push("s3")->reply.subject == "$SYS._INBOX.s1");
  for (const char* reply : {"k1", "k2"})
    REQUIRE_FALSE(world.push(reply, true));
  CHECK(world.push("k3", true)->reply.subject == "$SYS._INBOX.k1");
  CHECK(world.gateway.counters.passwords_waiting == 4);
  world.gate.open();
  world.queue->drain();
  CHECK(*world.handled.lock() == Replies{"1", "k2", "s2", "k3", "s3"});
}

TEST_CASE("password_queue: a queue of one place has one for each half", "[callout]") {
  World world{1, 1};
  REQUIRE_FALSE(world.push("1"));
  world.gate.await_waiting(1);
  REQUIRE_FALSE(world.push("s"));
  REQUIRE_FALSE(world.push("k", true));
  world.gate.open();
  world.queue->drain();
  CHECK(world.handled.lock()->size() == 3);
}
