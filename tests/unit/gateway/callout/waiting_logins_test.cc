#include "gateway/callout/waiting_logins.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/make_request.h"

using namespace std::chrono_literals;
using gateway::RequestTask;
using gateway::WaitingLogins;
using Names = std::vector<std::string>;

namespace {

constexpr std::chrono::seconds kTimeout{30};

// A login's attempt; its reply subject is its name here.
RequestTask task(const std::string& name, const std::string& source, const std::string& login,
                 std::chrono::milliseconds waited = 0ms) {
  auth::Request request;
  request.client.host = source;
  request.issued_at = auth::Time{};
  request.expires_at = auth::Time{kTimeout};
  RequestTask made{.request = std::make_unique<const auth::Request>(std::move(request)),
                   .reply = {.subject = name},
                   .arrived = WaitingLogins::Clock::now() - waited};
  made.identity =
      auth::Identity{{{auth::Kind::password, login}}, auth::PasswordProof{"any password"}};
  return made;
}

Names all(WaitingLogins& waiting) {
  Names names;
  while (waiting.size() > 0)
    names.push_back(waiting.pop().reply.subject);
  return names;
}

}  // namespace

TEST_CASE("waiting_logins: what waits is taken in order, while sources and logins take turns",
          "[callout]") {
  WaitingLogins waiting{20};
  for (const char* name : {"a1", "a2", "a3"})
    CHECK_FALSE(waiting.push(task(name, "192.0.2.1", "alice")));
  CHECK_FALSE(waiting.push(task("b1", "192.0.2.1", "bob")));
  CHECK_FALSE(waiting.push(task("c1", "192.0.2.2", "carol")));
  CHECK_FALSE(waiting.push(task("d1", "192.0.2.2", "dave")));
  CHECK_FALSE(waiting.push(task("c2", "192.0.2.2", "carol")));
  CHECK(waiting.size() == 7);
  CHECK(all(waiting) == Names{"a1", "c1", "b1", "d1", "a2", "c2", "a3"});
}

TEST_CASE("waiting_logins: the addresses of one IPv6 network have one turn", "[callout]") {
  WaitingLogins waiting{20};
  for (const char* source : {"2001:db8::1", "2001:db8::2", "2001:db8::3"})
    CHECK_FALSE(waiting.push(task(source, source, source)));
  CHECK_FALSE(waiting.push(task("other", "2001:db8:0:1::1", "alice")));
  CHECK(all(waiting) == Names{"2001:db8::1", "other", "2001:db8::2", "2001:db8::3"});
}

TEST_CASE("waiting_logins: of who has the most places the oldest goes when all are taken",
          "[callout]") {
  WaitingLogins waiting{4};
  CHECK_FALSE(waiting.push(task("a", "192.0.2.1", "alice", 9ms)));
  CHECK_FALSE(waiting.push(task("m1", "192.0.2.2", "mallory", 8ms)));
  CHECK_FALSE(waiting.push(task("b", "192.0.2.2", "bob", 7ms)));
  CHECK_FALSE(waiting.push(task("m2", "192.0.2.2", "mallory", 6ms)));
  CHECK(waiting.push(task("m3", "192.0.2.2", "mallory", 5ms))->reply.subject == "m1");
  CHECK(waiting.push(task("c", "192.0.2.3", "carol", 4ms))->reply.subject == "m2");
  // Of those that have the same, the oldest.
  CHECK(waiting.push(task("d", "192.0.2.4", "dave", 3ms))->reply.subject == "b");
  CHECK(waiting.push(task("e", "192.0.2.5", "erin", 2ms))->reply.subject == "a");
  CHECK(waiting.size() == 4);
}

TEST_CASE("waiting_logins: once the oldest waits too long, the newest source has every other turn",
          "[callout]") {
  WaitingLogins waiting{20};
  int n = 0;
  for (const char* name : {"1", "2", "3", "4", "5", "6"}) {
    CHECK_FALSE(waiting.push(
        task(name, "192.0.2." + std::string(name), "login", kTimeout / 3 + 100ms - 1ms * n++)));
  }
  CHECK(all(waiting) == Names{"6", "1", "5", "2", "4", "3"});
}

TEST_CASE("waiting_logins: one that is too late has no turn, and is out of the way at once",
          "[callout]") {
  WaitingLogins waiting{20};
  CHECK_FALSE(waiting.push(task("a1", "192.0.2.1", "alice")));
  CHECK_FALSE(waiting.push(task("b1", "192.0.2.2", "bob", kTimeout)));
  CHECK_FALSE(waiting.push(task("b2", "192.0.2.2", "bob")));
  CHECK(all(waiting) == Names{"b1", "a1", "b2"});
}

TEST_CASE("waiting_logins: one login with sixty connections keeps nobody out", "[callout]") {
  // Now quiet, now congested: the flood is as old as it can be, or always the newest.
  const auto waited = GENERATE(values<std::chrono::milliseconds>({0ms, kTimeout / 2}));
  const bool same_source = GENERATE(false, true);
  CAPTURE(waited.count(), same_source);
  WaitingLogins waiting{32};
  const auto flood = [&](int count) {
    for (int i = 0; i < count; ++i)
      static_cast<void>(waiting.push(task("flood", "192.0.2.1", "mallory", waited)));
  };
  flood(60);
  for (int round = 0; round < 20; ++round) {
    CHECK_FALSE(waiting.push(task("alice", same_source ? "192.0.2.1" : "192.0.2.2", "alice"))
                    .value_or(task("flood", "192.0.2.1", "mallory"))
                    .reply.subject == "alice");
    int hashes = 0;
    for (bool done = false; !done; ++hashes) {
      done = waiting.pop().reply.subject == "alice";
      flood(60);
    }
    CHECK(hashes <= 3);
  }
}

TEST_CASE("waiting_logins: who is always the newest does not keep out who waits", "[callout]") {
  WaitingLogins waiting{32};
  // Old ones keep it congested, and before each turn somebody comes who was not there before.
  CHECK_FALSE(waiting.push(task("old", "192.0.2.1", "old", kTimeout / 2)));
  CHECK_FALSE(waiting.push(task("alice", "192.0.2.2", "alice")));
  Names handled;
  for (int i = 0; i < 6; ++i) {
    static_cast<void>(waiting.push(task("new", "198.51.100." + std::to_string(i), "new")));
    static_cast<void>(waiting.push(task("old", "192.0.2.1", "old", kTimeout / 2)));
    handled.push_back(waiting.pop().reply.subject);
  }
  CHECK(std::ranges::count(handled, "alice") == 1);
}

TEST_CASE("waiting_logins: it is congested before a client of nats.c takes the server's PING",
          "[callout]") {
  WaitingLogins waiting{20};
  int n = 0;
  for (const char* name : {"1", "2", "3", "4"}) {
    CHECK_FALSE(waiting.push(task(name, "192.0.2." + std::string(name), "login",
                                  gateway::kClientPatience / 3 + 100ms - 1ms * n++)));
  }
  CHECK(all(waiting) == Names{"4", "1", "3", "2"});
}

namespace {

// Of a login that waits for an answer since then.
RequestTask missed(const std::string& name, const std::string& source, const std::string& login,
                   std::chrono::seconds ago) {
  RequestTask made = task(name, source, login);
  made.missed = WaitingLogins::Clock::now() - ago;
  return made;
}

}  // namespace

TEST_CASE("waiting_logins: who missed an answer goes first in its source, and in no other",
          "[callout]") {
  WaitingLogins waiting{20};
  for (const char* name : {"a1", "a2"})
    CHECK_FALSE(waiting.push(task(name, "192.0.2.1", "alice")));
  CHECK_FALSE(waiting.push(task("b1", "192.0.2.2", "bob")));
  for (const char* name : {"m1", "m2"})
    CHECK_FALSE(waiting.push(missed(name, "192.0.2.1", "mallory", 2s)));
  CHECK_FALSE(waiting.push(missed("c1", "192.0.2.1", "carol", 1s)));
  CHECK(all(waiting) == Names{"m1", "b1", "c1", "m2", "a1", "a2"});
}

TEST_CASE("waiting_logins: who missed an answer is the last to lose its place", "[callout]") {
  WaitingLogins waiting{2};
  CHECK_FALSE(waiting.push(missed("m", "192.0.2.1", "mallory", 1s)));
  CHECK_FALSE(waiting.push(task("a1", "192.0.2.1", "alice")));
  CHECK(waiting.push(task("a2", "192.0.2.1", "alice"))->reply.subject == "a1");
  CHECK(waiting.push(missed("m2", "192.0.2.1", "mallory", 1s))->reply.subject == "a2");
  CHECK(waiting.push(missed("m3", "192.0.2.1", "mallory", 1s))->reply.subject == "m");
}

TEST_CASE("waiting_logins: the oldest is told, and nothing is left after a clear", "[callout]") {
  WaitingLogins waiting{20};
  CHECK_FALSE(waiting.push(task("a", "192.0.2.1", "alice")));
  CHECK_FALSE(waiting.push(task("b", "192.0.2.1", "bob", 5s)));
  CHECK_FALSE(waiting.push(task("c", "192.0.2.3", "carol")));
  CHECK(waiting.oldest() < WaitingLogins::Clock::now() - 4s);
  waiting.clear();
  CHECK(waiting.size() == 0);
}
