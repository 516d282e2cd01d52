#include "gateway/callout/callout_supervisor.h"

#include <deque>
#include <stdexcept>

#include "tests/support/captured.h"
#include "tests/support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

// How the connections that a supervisor makes behave, and what it did with them.
struct Server {
  bool reachable = true;
  bool fails_to_drain = false;
  std::vector<std::string> done;
  std::string last;  // that was to be tried last
};

struct FakeCallout {
  explicit FakeCallout(Server& server, int number)
      : server_(server), name_(std::to_string(number)) {
    server_.done.push_back("connect " + name_);
  }
  ~FakeCallout() { server_.done.push_back("end " + name_); }
  FakeCallout(const FakeCallout&) = delete;
  FakeCallout& operator=(const FakeCallout&) = delete;

  bool alive() const { return is_alive; }
  bool to_be_left() const { return lame_duck; }
  bool answers(std::chrono::milliseconds /*patience*/) const {
    ++pings;
    return !hangs;
  }
  std::string url() const { return "nats://" + name_; }
  std::int64_t waiting() const { return 7; }
  void drain() {
    server_.done.push_back("drain " + name_);
    if (server_.fails_to_drain) throw std::runtime_error("the server closed the connection");
  }

  bool is_alive = true;
  bool lame_duck = false;
  bool hangs = false;
  mutable int pings = 0;

 private:
  Server& server_;
  std::string name_;
};

struct Supervised {
  Server server;
  ConnectionState state;
  Counters counters;
  FakeCallout* last = nullptr;
  int made = 0;
  BasicCalloutSupervisor<FakeCallout> supervisor{{"nats://a", "nats://b"},
                                                 [this](const std::string& left) {
                                                   server.last = left;
                                                   if (!server.reachable)
                                                     throw std::runtime_error("no server");
                                                   auto callout = std::make_unique<FakeCallout>(
                                                       server, ++made);
                                                   last = callout.get();
                                                   return callout;
                                                 },
                                                 state,
                                                 counters};
};

using Done = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "callout_supervisor: a supervisor connects, and reports to which server and how many requests "
    "wait",
    "[callout]") {
  Supervised s;
  CHECK_FALSE(s.supervisor.up());
  s.supervisor.poll();
  CHECK(s.supervisor.up());
  CHECK(s.state.get().up);
  CHECK(s.state.get().server == "nats://1");
  CHECK(s.counters.requests_waiting == 7);
  s.supervisor.poll();
  CHECK(s.server.done == Done{"connect 1"});
}

TEST_CASE(
    "callout_supervisor: a lost connection is replaced, and reported as down while no other can be "
    "had",
    "[callout]") {
  Supervised s;
  s.supervisor.poll();
  s.last->is_alive = false;
  s.server.reachable = false;
  s.supervisor.poll();
  CHECK_FALSE(s.state.get().up);
  CHECK(s.state.get().server.empty());
  CHECK(s.counters.requests_waiting == 0);
  s.server.reachable = true;
  s.supervisor.poll();
  CHECK(s.state.get().server == "nats://2");
  CHECK(s.server.done == Done{"connect 1", "end 1", "connect 2"});
}

TEST_CASE(
    "callout_supervisor: attempts that fail come later and later, and soon again after a success",
    "[callout]") {
  using Supervisor = BasicCalloutSupervisor<FakeCallout>;
  Supervised s;
  s.server.reachable = false;
  auto before = s.supervisor.pause();
  CHECK(before == Supervisor::kMinReconnectDelay);
  for (int i = 0; i < 10; ++i) {
    s.supervisor.poll();
    CHECK(s.supervisor.pause() >= before);
    before = s.supervisor.pause();
  }
  CHECK(before == Supervisor::kMaxReconnectDelay);
  s.server.reachable = true;
  s.supervisor.poll();
  CHECK(s.supervisor.pause() == Supervisor::kPollInterval);
  s.server.reachable = false;
  s.last->is_alive = false;
  s.supervisor.poll();
  CHECK(s.supervisor.pause() == 2 * Supervisor::kMinReconnectDelay);
}

TEST_CASE("callout_supervisor: a server in lame duck mode is drained after another one answers",
          "[callout]") {
  Supervised s;
  s.supervisor.poll();
  s.last->lame_duck = true;
  SECTION("in this order") {
    s.supervisor.poll();
    CHECK(s.server.done == Done{"connect 1", "connect 2", "drain 1", "end 1"});
    CHECK(s.state.get().server == "nats://2");
  }
  SECTION("and kept while there is no other") {
    s.server.reachable = false;
    s.supervisor.poll();
    CHECK(s.server.done == Done{"connect 1"});
    CHECK(s.state.get().up);
  }
  SECTION("even where the server closes first") {
    s.server.fails_to_drain = true;
    s.supervisor.poll();
    CHECK(s.server.done == Done{"connect 1", "connect 2", "drain 1", "end 1"});
    CHECK(s.supervisor.up());
  }
}

TEST_CASE("callout_supervisor: a supervisor that is drained has no connection", "[callout]") {
  Supervised s;
  s.supervisor.poll();
  s.supervisor.drain();
  CHECK(s.server.done == Done{"connect 1", "drain 1", "end 1"});
  CHECK_FALSE(s.supervisor.up());
}

TEST_CASE("callout_supervisor: the log names the server that it is connected to, and no other",
          "[callout]") {
  Supervised s;
  made::Captured log{STDERR_FILENO};
  s.supervisor.poll();
  CHECK(log.end().find("event=connected url=\"nats://1\"\n") != std::string::npos);
}

TEST_CASE("callout_supervisor: a server that does not answer is left for another, and tried last",
          "[callout]") {
  Supervised s;
  const auto now = std::chrono::steady_clock::now();
  s.supervisor.poll(now);
  CHECK(s.server.last.empty());
  s.last->hangs = true;
  SECTION("as soon as it is asked again") {
    s.supervisor.poll(now + 999ms);
    CHECK(s.server.done == Done{"connect 1"});
    s.supervisor.poll(now + 2s);
    CHECK(s.server.done == Done{"connect 1", "connect 2", "drain 1", "end 1"});
    CHECK(s.server.last == "nats://1");
  }
  SECTION("but kept while there is no other, which is seldom tried") {
    s.server.reachable = false;
    const FakeCallout* kept = s.last;
    for (int i = 0; i < 40; ++i)
      s.supervisor.poll(now + 1s + i * 250ms);
    CHECK(s.server.done == Done{"connect 1"});
    CHECK(kept->pings == 2);
    CHECK(s.state.get().up);
  }
}
