// Who waits for whom.

#include "gateway/admin/request_queue.h"

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "gateway/platform/locked.h"
#include "tests/support/catch.h"

using gateway::Locked;
using gateway::QueuedRequest;
using gateway::RequestQueue;

namespace {

using namespace std::chrono_literals;

// A queue whose threads stop at a gate in each request, and what they did, in order.
class Gated {
 public:
  explicit Gated(const RequestQueue::Limits& limits)
      : queue_(limits, [this](const QueuedRequest& request, bool too_late) {
          begun_.lock()->push_back(request.subject + (too_late ? " late" : ""));
          ++count_;
          count_.notify_all();
          open_.wait(false);
          if (request.subject == "throws") throw std::runtime_error("a fault");
        }) {}
  ~Gated() { open_all(); }

  bool push(const std::string& actor, const std::string& subject,
            RequestQueue::Clock::duration age = 0s) {
    return queue_.push({.actor = actor,
                        .subject = subject,
                        .reply = {},
                        .callers = {},
                        .body = {},
                        .arrived = RequestQueue::Clock::now() - age});
  }
  // Waits until so many requests have begun.
  std::vector<std::string> begun(int count) {
    for (int now = count_; now < count; now = count_)
      count_.wait(now);
    return *begun_.lock();
  }
  void open_all() {
    open_ = true;
    open_.notify_all();
  }
  std::vector<std::string> drained() {
    queue_.drain();
    return *begun_.lock();
  }
  RequestQueue& queue() { return queue_; }

 private:
  std::atomic<bool> open_ = false;
  std::atomic<int> count_ = 0;
  Locked<std::vector<std::string>> begun_;
  RequestQueue queue_;
};

using Texts = std::vector<std::string>;

constexpr RequestQueue::Limits kOneThread = {.threads = 1, .max_waiting = 4, .patience = 1min};

}  // namespace

TEST_CASE("request_queue: callers take turns, however many requests one of them has", "[admin]") {
  Gated gated{kOneThread};
  CHECK(gated.push("viewer", "v1"));
  CHECK(gated.begun(1) == Texts{"v1"});
  for (const char* more : {"v2", "v3", "v4"})
    CHECK(gated.push("viewer", more));
  CHECK(gated.push("officer", "o1"));
  CHECK(gated.push("editor", "e1"));
  CHECK(gated.push("officer", "o2"));
  gated.open_all();
  // The viewer's second had its turn when the first was done: behind those of all others.
  CHECK(gated.drained() == Texts{"v1", "o1", "e1", "v2", "o2", "v3", "v4"});
}

TEST_CASE("request_queue: one caller's requests are carried out one after the other", "[admin]") {
  Gated gated{{.threads = 2, .max_waiting = 4, .patience = 1min}};
  CHECK(gated.push("viewer", "v1"));
  CHECK(gated.push("viewer", "v2"));
  CHECK(gated.begun(1) == Texts{"v1"});
  CHECK(gated.push("officer", "o1"));
  // The second thread is free, and takes the other caller's.
  CHECK(gated.begun(2) == Texts{"v1", "o1"});
  gated.open_all();
  CHECK(gated.drained() == Texts{"v1", "o1", "v2"});
}

TEST_CASE("request_queue: beyond a caller's share a request is refused, and another's is not",
          "[admin]") {
  Gated gated{kOneThread};
  CHECK(gated.push("viewer", "v0"));
  static_cast<void>(gated.begun(1));
  for (int i = 1; i <= 4; ++i)
    CHECK(gated.push("viewer", "v" + std::to_string(i)));
  CHECK_FALSE(gated.queue().has_place("viewer"));
  CHECK_FALSE(gated.push("viewer", "v5"));
  CHECK(gated.queue().has_place("officer"));
  CHECK(gated.push("officer", "o1"));
  gated.open_all();
  CHECK(gated.drained().size() == 6);
}

TEST_CASE("request_queue: a request that has waited too long comes too late", "[admin]") {
  Gated gated{{.threads = 1, .max_waiting = 4, .patience = 10s}};
  gated.open_all();
  CHECK(gated.push("viewer", "old", 11s));
  CHECK(gated.push("viewer", "young", 1s));
  CHECK(gated.drained() == Texts{"old late", "young"});
}

TEST_CASE("request_queue: a fault loses only its request", "[admin]") {
  Gated gated{kOneThread};
  gated.open_all();
  CHECK(gated.push("viewer", "throws"));
  CHECK(gated.push("viewer", "v2"));
  CHECK(gated.drained() == Texts{"throws", "v2"});
}

TEST_CASE("request_queue: at its end it drops what waits, and a drain hands it out as too late",
          "[admin]") {
  Texts begun;
  const auto note = [&](const QueuedRequest& request, bool too_late) {
    begun.push_back(request.subject + (too_late ? " late" : ""));
  };
  {
    RequestQueue idle{{.threads = 0, .patience = 1min}, note};
    CHECK(idle.push({.actor = "a", .subject = "dropped", .reply = {}, .callers = {}, .body = {}}));
  }
  CHECK(begun.empty());
  Gated gated{kOneThread};
  CHECK(gated.push("viewer", "v1"));
  static_cast<void>(gated.begun(1));
  CHECK(gated.push("viewer", "v2"));
  std::jthread opener{[&] { gated.open_all(); }};
  gated.queue().set_end(RequestQueue::Clock::now() - 1s);
  gated.queue().drain();
  CHECK(gated.begun(2) == Texts{"v1", "v2 late"});
}
