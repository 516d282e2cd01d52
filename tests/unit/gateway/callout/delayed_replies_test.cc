#include "gateway/callout/delayed_replies.h"

#include <stdexcept>
#include <vector>

#include "tests/support/catch.h"

using gateway::DelayedReplies;

namespace {

using namespace std::chrono_literals;

// What was sent, in order, and a way to wait for it.
class Sent {
 public:
  DelayedReplies::Send send() {
    return [this](const gateway::ReplyTo& to, const std::string& answer) {
      const std::lock_guard lock{mutex_};
      all_.push_back(to.subject + " " + answer);
      by_ = std::this_thread::get_id();
      changed_.notify_all();
    };
  }
  void await(std::size_t count) {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, 60s, [&] { return all_.size() >= count; }));
  }
  std::vector<std::string> all() {
    const std::lock_guard lock{mutex_};
    return all_;
  }
  std::thread::id by() {
    const std::lock_guard lock{mutex_};
    return by_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> all_;
  std::thread::id by_;
};

using Texts = std::vector<std::string>;

DelayedReplies::Clock::time_point in_an_hour() {
  return DelayedReplies::Clock::now() + 1h;
}

}  // namespace

TEST_CASE(
    "delayed_replies: a refusal whose time has come is sent, before an earlier one whose time has "
    "not",
    "[callout]") {
  Sent sent;
  gateway::Count unsent;
  DelayedReplies later{unsent, sent.send()};
  later.send_at(in_an_hour(), {"late"}, "a");
  later.send_at(DelayedReplies::Clock::now() + 1ms, {"soon"}, "b");
  sent.await(1);
  CHECK(sent.all() == Texts{"soon b"});
  later.send_at(DelayedReplies::Clock::now() - 1s, {"past"}, "c");
  sent.await(2);
  CHECK(sent.all() == Texts{"soon b", "past c"});
  CHECK(sent.by() != std::this_thread::get_id());
}

TEST_CASE(
    "delayed_replies: refusals are sent in the order of their times, and of equal times in that of "
    "asking",
    "[callout]") {
  Sent sent;
  gateway::Count unsent;
  DelayedReplies later{unsent, sent.send()};
  const auto due = in_an_hour();
  later.send_at(due + 3s, {"4"}, "d");
  later.send_at(due + 1s, {"2"}, "b");
  later.send_at(due, {"1"}, "a");
  later.send_at(due + 1s, {"3"}, "c");
  CHECK(sent.all().empty());
  later.drain();
  CHECK(sent.all() == Texts{"1 a", "2 b", "3 c", "4 d"});
}

TEST_CASE(
    "delayed_replies: beyond so many that wait a refusal is not sent, and those that wait are",
    "[callout]") {
  Sent sent;
  gateway::Count unsent;
  DelayedReplies later{unsent, sent.send()};
  const auto due = in_an_hour();
  for (std::size_t i = 0; i < DelayedReplies::kMaxWaiting; ++i)
    later.send_at(due, {"kept"}, "a");
  later.send_at(due, {"lost"}, "b");
  later.send_at(DelayedReplies::Clock::now(), {"lost"}, "b");
  later.drain();
  CHECK(sent.all() == Texts(DelayedReplies::kMaxWaiting, "kept a"));
}

TEST_CASE("delayed_replies: a refusal that cannot be sent costs itself alone", "[callout]") {
  Sent sent;
  gateway::Count unsent;
  DelayedReplies later{unsent,
                       [send = sent.send()](const gateway::ReplyTo& to, const std::string& answer) {
                         if (to.subject == "bad") throw std::runtime_error("connection lost");
                         send(to, answer);
                       }};
  later.send_at(DelayedReplies::Clock::now(), {"bad"}, "a");
  later.send_at(DelayedReplies::Clock::now(), {"good"}, "b");
  sent.await(1);
  later.send_at(in_an_hour(), {"bad"}, "c");
  later.send_at(in_an_hour(), {"good"}, "d");
  later.drain();
  CHECK(sent.all() == Texts{"good b", "good d"});
}

TEST_CASE("delayed_replies: a drain of nothing sends nothing, and one may be followed by another",
          "[callout]") {
  Sent sent;
  gateway::Count unsent;
  DelayedReplies later{unsent, sent.send()};
  later.drain();
  later.drain();
  CHECK(sent.all().empty());
}
