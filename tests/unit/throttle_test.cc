#include "gateway/throttle.h"

#include "tests/unit/catch.h"

using namespace gateway;
using namespace std::chrono_literals;
using Standing = Throttle::Standing;

namespace {

Guess guess(const std::string& login, const std::string& source = "192.0.2.1", bool token = false) {
  return {auth::read_address(source).value(), token, login};
}

ThrottleConfig limits(std::uint32_t login, std::uint32_t source) {
  return {.limits = {.login = login, .source = source, .window = 60s}, .exempt = {}};
}

// A throttle whose clock stands still until it is moved.
class Throttled {
 public:
  explicit Throttled(ThrottleConfig config) : throttle{std::move(config)} {}
  Standing standing(const Guess& who) { return throttle.standing(who, now); }
  bool judged(const Guess& who) { return standing(who) != Standing::refused; }
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

TEST_CASE("a login has so many failures from one source, and gets one back at a time") {
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

TEST_CASE("a source has so many failures, whatever the logins") {
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

TEST_CASE("what is refused for its login is not charged to its source") {
  Throttled t{limits(2, 5)};
  CHECK(t.failures_until_refused(guess("alice")) == 2);
  CHECK(t.failures_until_refused(guess("bob")) == 2);
  CHECK(t.failures_until_refused(guess("carol")) == 1);
}

TEST_CASE("who was proved from a source before is not refused for what others do there") {
  Throttled t{limits(3, 4)};
  CHECK(t.standing(guess("alice")) == Standing::stranger);
  t.throttle.proved(guess("alice"), t.now);
  CHECK(t.standing(guess("alice")) == Standing::known);
  CHECK(t.standing(guess("alice", "192.0.2.2")) == Standing::stranger);
  t.fails(guess("bob"), 4);
  CHECK(t.standing(guess("carol")) == Standing::refused);
  CHECK(t.standing(guess("alice")) == Standing::known);
  // But that login's own failures count, and a success does not forgive them.
  t.fails(guess("alice"), 2);
  t.throttle.proved(guess("alice"), t.now);
  CHECK(t.failures_until_refused(guess("alice")) == 1);
}

TEST_CASE("a token and a login of the same text are two") {
  Throttled t{limits(1, 0)};
  t.fails(guess("same", "192.0.2.1", true));
  CHECK(t.judged(guess("same")));
  CHECK_FALSE(t.judged(guess("same", "192.0.2.1", true)));
}

TEST_CASE("addresses of one IPv6 network are one source, IPv4 addresses are each their own") {
  Throttled t{limits(0, 1)};
  t.fails(guess("a", "2001:db8:0:1::1"));
  CHECK_FALSE(t.judged(guess("b", "2001:db8:0:1:ffff::2")));
  CHECK(t.judged(guess("b", "2001:db8:0:2::1")));
  t.fails(guess("a", "::ffff:10.0.0.1"));
  CHECK_FALSE(t.judged(guess("b", "10.0.0.1")));
  CHECK(t.judged(guess("b", "10.0.0.2")));
}

TEST_CASE("from an exempt source nobody is refused, and who is guessed is a stranger") {
  auto config = limits(2, 3);
  config.exempt = {auth::read_cidr("10.0.0.0/8").value(), auth::read_cidr("2001:db8::7").value()};
  Throttled t{config};
  for (const char* source : {"10.1.2.3", "2001:db8::7"}) {
    t.throttle.proved(guess("alice", source), t.now);
    CHECK(t.standing(guess("alice", source)) == Standing::known);
    t.fails(guess("alice", source), 100);
    CHECK(t.standing(guess("alice", source)) == Standing::stranger);
    CHECK(t.standing(guess("bob", source)) == Standing::stranger);
  }
  CHECK(t.throttle.refused(t.now).logins == 0);
  CHECK(t.list().at(1).source == "2001:db8::7");
  CHECK(t.list().at(1).wait == 0s);
  CHECK(t.throttle.clear(auth::read_cidr("2001:db8::7")) == 1);
  // Its network is not exempt with it.
  CHECK(t.failures_until_refused(guess("alice", "2001:db8::8")) == 2);
  CHECK(t.failures_until_refused(guess("alice")) == 2);
}

TEST_CASE("a limit of 0 is none") {
  Throttled t{limits(0, 0)};
  CHECK(t.failures_until_refused(guess("alice")) == 1000);
  CHECK(t.list().empty());
}

TEST_CASE("other limits begin anew, other exemptions do not") {
  Throttled t{limits(2, 0)};
  t.fails(guess("alice"), 2);
  auto config = limits(2, 0);
  config.exempt = {auth::read_cidr("10.0.0.0/8").value()};
  t.throttle.set(config);
  CHECK_FALSE(t.judged(guess("alice")));
  t.throttle.set(limits(3, 0));
  CHECK(t.failures_until_refused(guess("alice")) == 3);
}

TEST_CASE("what is held back is listed first, and can be cleared by its source") {
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

  CHECK(t.throttle.clear(auth::read_cidr("192.0.2.2")) == 2);
  CHECK_FALSE(t.judged(guess("alice", "192.0.2.1")));
  CHECK(t.throttle.clear(auth::read_cidr("2001:db8::1234")) == 2);
  CHECK(t.throttle.clear(auth::read_cidr("192.0.2.0/24")) == 2);
  CHECK(t.judged(guess("alice", "192.0.2.1")));
  t.fails(guess("carol"), 1);
  CHECK(t.throttle.clear(std::nullopt) == 2);
  CHECK(t.list().empty());
}

TEST_CASE("what is forgotten is gone from memory, and memory is bounded") {
  Throttled t{limits(2, 0)};
  t.fails(guess("old"), 1);
  t.now += 30s;
  CHECK(t.list().empty());
  for (std::size_t i = 0; i < Throttle::kMost; ++i)
    t.fails(guess("login" + std::to_string(i)), 2);
  CHECK(t.list().size() == Throttle::kMost);
  // The newcomer has its place, though it will be forgotten before all others.
  t.fails(guess("newcomer"), 1);
  CHECK(t.list().size() == Throttle::kMost);
  CHECK(t.failures_until_refused(guess("newcomer")) == 1);
}
