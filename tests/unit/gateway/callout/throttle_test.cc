#include "gateway/callout/throttle.h"

#include <thread>
#include <vector>

#include "gateway/platform/clock.h"
#include "tests/support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;
using Verdict = Throttle::Verdict;

namespace {

Guess guess(const std::string& login, const std::string& source = "192.0.2.1", bool token = false) {
  return {auth::read_address(source).value(), token, login};
}

ThrottleConfig limits(std::uint32_t login, std::uint32_t source) {
  return {.login = login, .source = source, .window = 60s};
}

// A throttle whose clock stands still until it is moved.
class Throttled {
 public:
  explicit Throttled(ThrottleConfig config) : throttle{std::move(config)} {}
  Verdict check(const Guess& who) { return throttle.check(who, now); }
  bool judged(const Guess& who) { return check(who) != Verdict::throttled; }
  void fails(const Guess& who, int times = 1) {
    for (int i = 0; i < times; ++i)
      throttle.failed(who, now);
  }
  // Guesses until it is refused.
  int failures_until_refused(const Guess& who) {
    int failures = 0;
    for (; failures < 1000 && judged(who); ++failures)
      fails(who);
    return failures;
  }
  std::vector<Throttle::Failures> list() const { return throttle.list(now); }

  Throttle throttle;
  Throttle::Clock::time_point now{1h};
};

}  // namespace

TEST_CASE("throttle: a login has so many failures from one source, and gets one back at a time",
          "[callout]") {
  Throttled t{limits(3, 0)};
  CHECK(t.failures_until_refused(guess("alice")) == 3);
  CHECK(t.judged(guess("bob")));
  CHECK(t.judged(guess("alice", "192.0.2.2")));
  t.now += 20s - 1ns;
  CHECK_FALSE(t.judged(guess("alice")));
  t.now += 1ns;
  // What was refused was not charged: else who tries on would be refused for good.
  CHECK(t.failures_until_refused(guess("alice")) == 1);
  t.now += 60s;
  CHECK(t.failures_until_refused(guess("alice")) == 3);
}

TEST_CASE("throttle: a source has so many failures, whatever the logins", "[callout]") {
  Throttled t{limits(0, 4)};
  int failures = 0;
  for (; failures < 1000 && t.judged(guess(std::to_string(failures))); ++failures)
    t.fails(guess(std::to_string(failures)));
  CHECK(failures == 4);
  CHECK_FALSE(t.judged(guess("token", "192.0.2.1", true)));
  CHECK(t.judged(guess("0", "192.0.2.2")));
  t.now += 15s;
  CHECK(t.judged(guess("0")));
}

TEST_CASE("throttle: what is refused for its login is not charged to its source", "[callout]") {
  Throttled t{limits(2, 8)};
  CHECK(t.failures_until_refused(guess("alice")) == 2);
  CHECK(t.list().size() == 2);
  CHECK(t.failures_until_refused(guess("bob")) == 2);
  // Its second would be one of the other half.
  CHECK(t.failures_until_refused(guess("carol")) == 1);
}

TEST_CASE("throttle: half of what a source may fail is kept for logins that have not failed",
          "[callout]") {
  Throttled t{limits(100, 8)};
  CHECK(t.failures_until_refused(guess("alice")) == 4);
  CHECK(t.failures_until_refused(guess("bob")) == 1);
  for (const char* login : {"c", "d", "e"})
    t.fails(guess(login));
  CHECK_FALSE(t.judged(guess("f")));
  CHECK(t.list().front().wait == 7500ms);
  t.now += 7500ms;
  CHECK(t.judged(guess("f")));
  CHECK_FALSE(t.judged(guess("alice")));
}

TEST_CASE("throttle: clients with old passwords that try for ever do not keep a newcomer out",
          "[callout]") {
  // Of the many, some are newcomers themselves until each has failed once.
  const auto [clients, after] = GENERATE(table<int, int>({{40, 0}, {150, 600}}));
  Throttled t{ThrottleConfig{}};
  int refused = 0;
  for (int second = 0; second < 7200; second += 2) {
    for (int client = 0; client < clients; ++client) {
      const Guess who = guess("stuck" + std::to_string(client));
      if (t.judged(who)) t.fails(who);
    }
    if (!t.judged(guess("newcomer")) && second >= after) ++refused;
    t.now += 2s;
  }
  CAPTURE(clients);
  CHECK(refused == 0);
}

TEST_CASE("throttle: who was let in from a source before is not refused for what others do there",
          "[callout]") {
  Throttled t{limits(3, 4)};
  CHECK(t.check(guess("alice")) == Verdict::allowed_unknown);
  t.throttle.proved(guess("alice"), t.now);
  CHECK(t.check(guess("alice")) == Verdict::allowed_known);
  CHECK(t.check(guess("alice", "192.0.2.2")) == Verdict::allowed_unknown);
  for (const char* login : {"b", "c", "d", "e"})
    t.fails(guess(login));
  CHECK(t.check(guess("f")) == Verdict::throttled);
  CHECK(t.check(guess("alice")) == Verdict::allowed_known);
  // But that login's own failures count, and a success does not forgive them.
  t.fails(guess("alice"), 2);
  t.throttle.proved(guess("alice"), t.now);
  CHECK(t.failures_until_refused(guess("alice")) == 1);
  t.now += Throttle::kKnownFor;
  CHECK(t.check(guess("alice")) == Verdict::allowed_unknown);
}

TEST_CASE(
    "throttle: what a known login fails is not charged to its source, unless logins have no limit",
    "[callout]") {
  for (const std::uint32_t login : {std::uint32_t{3}, std::uint32_t{0}}) {
    Throttled t{limits(login, 4)};
    t.throttle.proved(guess("alice"), t.now);
    t.fails(guess("alice"), 4);
    CHECK(t.judged(guess("bob")) == (login != 0));
    CHECK_FALSE(t.judged(guess("alice")));
  }
}

TEST_CASE("throttle: however often it failed, the next is judged after its share of the window",
          "[callout]") {
  Throttled t{limits(3, 4)};
  t.fails(guess("alice"), 100'000);
  REQUIRE(t.list().size() == 2);
  CHECK(t.list()[0].count == 4);
  CHECK(t.list()[0].wait == 15s);
  CHECK(t.list()[1].count == 3);
  CHECK(t.list()[1].wait == 20s);
  Throttled day{{.login = 1, .source = 1, .window = 24h}};
  day.fails(guess("alice"), 200'000);
  CHECK(day.list()[0].wait == 24h);
}

TEST_CASE("throttle: a token and a login of the same text are two", "[callout]") {
  Throttled t{limits(1, 0)};
  t.fails(guess("same", "192.0.2.1", true));
  CHECK(t.judged(guess("same")));
  CHECK_FALSE(t.judged(guess("same", "192.0.2.1", true)));
}

TEST_CASE(
    "throttle: addresses of one IPv6 network are one source, IPv4 addresses are each their own",
    "[callout]") {
  Throttled t{limits(0, 1)};
  t.fails(guess("a", "2001:db8:0:1::1"));
  CHECK_FALSE(t.judged(guess("b", "2001:db8:0:1:ffff::2")));
  CHECK(t.judged(guess("b", "2001:db8:0:2::1")));
  t.fails(guess("a", "::ffff:10.0.0.1"));
  CHECK_FALSE(t.judged(guess("b", "10.0.0.1")));
  CHECK(t.judged(guess("b", "10.0.0.2")));
}

TEST_CASE("throttle: from an exempt source nobody is refused, and nothing is remembered",
          "[callout]") {
  auto config = limits(2, 3);
  for (const char* cidr : {"10.0.0.0/8", "2001:db8::7", "2001:db8:1::/124"})
    config.exempt.push_back(auth::read_cidr(cidr).value());
  Throttled t{config};
  for (const char* source : {"10.1.2.3", "2001:db8::7", "2001:db8:1::f"}) {
    t.throttle.proved(guess("alice", source), t.now);
    t.fails(guess("alice", source), 100);
    CHECK(t.check(guess("alice", source)) == Verdict::allowed_unknown);
  }
  CHECK(t.list().empty());
  // The rest of its network is not exempt with it.
  CHECK(t.failures_until_refused(guess("alice", "2001:db8::8")) == 2);
  CHECK(t.failures_until_refused(guess("alice", "2001:db8:1::ffff")) == 2);
  CHECK(t.failures_until_refused(guess("alice")) == 2);
}

TEST_CASE("throttle: a limit of 0 is none", "[callout]") {
  Throttled t{limits(0, 0)};
  CHECK(t.failures_until_refused(guess("alice")) == 1000);
  CHECK(t.list().empty());
}

TEST_CASE("throttle: another configuration begins anew, the same one does not", "[callout]") {
  Throttled t{limits(2, 0)};
  t.fails(guess("alice"), 2);
  t.throttle.set(limits(2, 0));
  CHECK_FALSE(t.judged(guess("alice")));
  auto config = limits(2, 0);
  config.exempt = {auth::read_cidr("10.0.0.0/8").value()};
  t.throttle.set(config);
  CHECK(t.failures_until_refused(guess("alice")) == 2);
}

TEST_CASE("throttle: what is held back is listed first, and can be cleared by its source",
          "[callout]") {
  Throttled t{limits(4, 8)};
  t.fails(guess("alice", "192.0.2.1"), 4);
  t.fails(guess("bob", "192.0.2.2"), 3);
  t.fails(guess("hash", "2001:db8::1", true), 1);
  static_cast<void>(t.judged(guess("alice", "192.0.2.1")));
  static_cast<void>(t.judged(guess("alice", "192.0.2.1")));
  const auto list = t.list();
  REQUIRE(list.size() == 6);
  CHECK(list[0].login == "alice");
  CHECK(list[0].source == "192.0.2.1");
  CHECK(list[0].count == 4);
  CHECK(list[0].refused == 2);
  CHECK(list[0].wait == 15s);
  CHECK_FALSE(list[1].login);
  CHECK(list[1].count == 4);
  CHECK(list[1].wait == 0s);
  CHECK(list.back().source == "2001:db8::/64");
  CHECK(list.back().count == 1);
  // A token is never shown, in whatever form.
  CHECK(std::ranges::any_of(list, [](const auto& one) { return one.login == ""; }));
  CHECK(t.throttle.refused(t.now).logins == 1);
  CHECK(t.throttle.refused(t.now).sources == 0);

  CHECK(t.throttle.clear(auth::read_cidr("192.0.2.2"), t.now) == 2);
  CHECK_FALSE(t.judged(guess("alice", "192.0.2.1")));
  CHECK(t.throttle.clear(auth::read_cidr("2001:db8::1234"), t.now) == 2);
  CHECK(t.throttle.clear(auth::read_cidr("192.0.2.0/24"), t.now) == 2);
  CHECK(t.judged(guess("alice", "192.0.2.1")));
  t.fails(guess("carol"), 1);
  CHECK(t.throttle.clear(std::nullopt, t.now) == 2);
  CHECK(t.list().empty());
}

TEST_CASE("throttle: memory is bounded, and what was used longest ago goes first", "[callout]") {
  for (const bool token : {false, true}) {
    Throttled t{limits(2, 0)};
    t.fails(guess("other", "192.0.2.1", !token), 2);
    t.fails(guess("used", "192.0.2.1", token), 2);
    for (std::size_t i = 0; i < 2 * Throttle::kMaxEntries; ++i) {
      t.fails(guess("login" + std::to_string(i), "192.0.2.1", token), 2);
      CHECK_FALSE(t.judged(guess("used", "192.0.2.1", token)));
    }
    CHECK(t.list().size() == Throttle::kMaxEntries + 1);
    CHECK_FALSE(t.judged(guess("other", "192.0.2.1", !token)));
    CHECK(t.judged(guess("login0", "192.0.2.1", token)));
    // Newcomers do not drive each other out, though they will be forgotten before all others.
    for (const char* login : {"a", "b", "a", "b"})
      t.fails(guess(login, "192.0.2.1", token));
    CHECK_FALSE(t.judged(guess("a", "192.0.2.1", token)));
    CHECK_FALSE(t.judged(guess("b", "192.0.2.1", token)));
  }
}

namespace {

// What is on disk of one login, and how often it was asked for.
struct Disk {
  Throttle::LastUse last_use() {
    return [this](const Guess& who) -> std::optional<store::Usage> {
      ++asked;
      if (who.login != "alice" || who.token) return std::nullopt;
      return use;
    };
  }
  std::optional<store::Usage> use;
  int asked = 0;
};

store::Usage used(std::chrono::seconds ago, const std::string& from) {
  return {.last_used_at = now_in_seconds() - ago, .last_used_from = from, .uses = 1};
}

}  // namespace

TEST_CASE("throttle: after a restart a login is known where the store says it was let in last",
          "[callout]") {
  struct Row {
    const char* what;
    std::optional<store::Usage> use;
    Guess who;
    bool known;
  };
  for (const Row& row : std::vector<Row>{
           {"from there", used(1h, "192.0.2.1"), guess("alice"), true},
           {"as an IPv6 address", used(1h, "::ffff:192.0.2.1"), guess("alice"), true},
           {"from another address", used(1h, "192.0.2.2"), guess("alice"), false},
           {"from another address of its /64", used(1h, "2001:db8::1"),
            guess("alice", "2001:db8::2"), true},
           {"from another /64", used(1h, "2001:db8:0:1::1"), guess("alice", "2001:db8::1"), false},
           {"from nowhere that can be read", used(1h, "here"), guess("alice"), false},
           {"too long ago", used(Throttle::kKnownFor, "192.0.2.1"), guess("alice"), false},
           {"by a clock that is ahead", used(-1h, "192.0.2.1"), guess("alice"), true},
           {"never", std::nullopt, guess("alice"), false},
           {"by another login", used(1h, "192.0.2.1"), guess("bob"), false},
           {"by another kind", used(1h, "192.0.2.1"), guess("alice", "192.0.2.1", true), false},
       }) {
    CAPTURE(row.what);
    Disk disk{.use = row.use};
    Throttle throttle{limits(3, 1), disk.last_use()};
    CHECK(throttle.check(row.who) ==
          (row.known ? Verdict::allowed_known : Verdict::allowed_unknown));
    throttle.failed(guess("somebody else", auth::write_address(row.who.source)));
    CHECK(throttle.check(row.who) == (row.known ? Verdict::allowed_known : Verdict::throttled));
    // What is known is asked for once.
    CHECK(disk.asked == (row.known ? 1 : 2));
  }
}

TEST_CASE("throttle: who is refused for its own failures, or exempt, costs no look at the disk",
          "[callout]") {
  Disk disk{.use = used(1h, "192.0.2.1")};
  auto config = limits(1, 0);
  config.exempt.push_back(auth::read_cidr("10.0.0.0/8").value());
  Throttle throttle{config, disk.last_use()};
  throttle.failed(guess("alice"));
  CHECK(throttle.check(guess("alice")) == Verdict::throttled);
  CHECK(throttle.check(guess("alice", "10.0.0.1")) == Verdict::allowed_unknown);
  CHECK(disk.asked == 0);
}

TEST_CASE("throttle: what is known from the disk is known no longer than it says", "[callout]") {
  Disk disk{.use = used(Throttle::kKnownFor - 1h, "192.0.2.1")};
  Throttle throttle{limits(3, 1), disk.last_use()};
  const Throttle::Clock::time_point now{1h};
  CHECK(throttle.check(guess("alice"), now) == Verdict::allowed_known);
  disk.use.reset();
  CHECK(throttle.check(guess("alice"), now + 59min) == Verdict::allowed_known);
  CHECK(throttle.check(guess("alice"), now + 1h) == Verdict::allowed_unknown);
}

TEST_CASE("throttle: a throttle is used by several threads", "[callout]") {
  Throttle throttle{limits(1000, 0)};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&throttle] {
      for (int j = 0; j < 200; ++j) {
        throttle.failed(guess("alice"));
        static_cast<void>(throttle.check(guess("bob" + std::to_string(j))));
        throttle.proved(guess("bob" + std::to_string(j)));
        static_cast<void>(throttle.list());
        static_cast<void>(throttle.refused());
        static_cast<void>(throttle.clear(auth::read_cidr("10.0.0.0/8")));
      }
    });
  }
  threads.clear();
  REQUIRE(throttle.list().size() == 1);
  CHECK(throttle.list()[0].count > 790);
}
