#include "gateway/callout/missed_logins.h"

#include <string>
#include <vector>

#include "auth/base/json.h"
#include "tests/support/catch.h"
#include "tests/support/make_request.h"

using gateway::LoginKey;
using gateway::MissedLogins;
using namespace std::chrono_literals;
namespace made = auth::made;

namespace {

const MissedLogins::Clock::time_point kBegin{};

auth::PeekedRequest from(const std::string& host, const std::string& user = "alice") {
  auth::PeekedRequest request;
  request.host = host;
  request.user = user;
  return request;
}

}  // namespace

TEST_CASE("missed_logins: a request has one key, verified or not", "[callout]") {
  const MissedLogins missed;
  for (const auth::Json& connect :
       {auth::Json{{"user", "alice"}, {"pass", "one"}}, auth::Json{{"auth_token", "a<b"}},
        auth::Json{{"nkey", "UAB"}, {"sig", "c2ln"}}, auth::Json{{"jwt", "e.y.J"}}}) {
    const std::string text = made::sign(made::with("/nats/connect_opts", connect));
    const auto request = auth::read_request(text, made::expected());
    REQUIRE(request);
    CHECK(missed.key(*request) == missed.key(auth::peek_request(text)));
  }
}

TEST_CASE("missed_logins: the next attempt has the same key, and another client has another",
          "[callout]") {
  const MissedLogins missed;
  const LoginKey key = missed.key(made::request_of({{"nkey", "UAB"}, {"sig", "one"}}, "nonce1"));
  CHECK(key == missed.key(made::request_of({{"nkey", "UAB"}, {"sig", "two"}}, "nonce2")));
  CHECK(key != missed.key(made::request_of({{"nkey", "UAC"}, {"sig", "one"}}, "nonce1")));
  CHECK(key != missed.key(made::request_of({{"user", "UAB"}})));
  CHECK(missed.key(from("192.0.2.1")) != missed.key(from("192.0.2.2")));
  CHECK(missed.key(from("192.0.2.1")) != MissedLogins{}.key(from("192.0.2.1")));
  // Of an IPv6 address, the /64 is the network, and the address is the client's.
  CHECK(missed.key(from("2001:db8::1")).network == missed.key(from("2001:db8::2")).network);
  CHECK(missed.key(from("2001:db8::1")).login != missed.key(from("2001:db8::2")).login);
  CHECK(missed.key(from("nonsense")).network == auth::Address{});
}

TEST_CASE("missed_logins: a login is remembered for its time, and waits since its first miss",
          "[callout]") {
  MissedLogins missed;
  const LoginKey key = missed.key(from("192.0.2.1"));
  CHECK(missed.empty());
  CHECK_FALSE(missed.since(key, kBegin));
  missed.add(key, kBegin);
  CHECK_FALSE(missed.empty());
  missed.add(key, kBegin + 20s);
  CHECK(missed.since(key, kBegin + 49s) == kBegin);
  CHECK_FALSE(missed.since(key, kBegin + 50s));
  CHECK_FALSE(missed.since(missed.key(from("192.0.2.1", "bob")), kBegin + 1s));
  // Answered, it is behind those who are not.
  missed.answered(key, kBegin + 30s);
  CHECK(missed.since(key, kBegin + 49s) == kBegin + 30s);
  missed.answered(key, kBegin + 50s);
  CHECK(missed.empty());
}

TEST_CASE("missed_logins: one network's flood pushes out its own, and nobody else's", "[callout]") {
  MissedLogins missed;
  const LoginKey victim = missed.key(from("192.0.2.1"));
  missed.add(victim, kBegin);
  LoginKey flood = missed.key(from("192.0.2.2"));
  for (std::size_t i = 0; i < 2 * MissedLogins::kMaxEntries; ++i) {
    ++flood.login;
    missed.add(flood, kBegin + 1s);
  }
  CHECK(missed.since(victim, kBegin + 2s) == kBegin);
  std::size_t left = 0;
  for (std::size_t i = 0; i < 2 * MissedLogins::kMaxEntries; ++i, --flood.login)
    left += missed.since(flood, kBegin + 2s) ? 1U : 0U;
  CHECK(left == MissedLogins::kMaxEntries - 1);
}

TEST_CASE("missed_logins: of a network without a place the one goes that was added longest ago",
          "[callout]") {
  MissedLogins missed;
  std::vector<LoginKey> keys(MissedLogins::kMaxEntries, missed.key(from("192.0.2.2")));
  auto at = kBegin;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i].login = keys.size() - i;  // in the order of hashes the first is the newest
    missed.add(keys[i], at += 1us);
  }
  missed.add(keys[0], at += 1us);
  LoginKey next = keys[0];
  for (int i = 0; i < 3; ++i) {
    next.login = 100'000U + static_cast<std::uint64_t>(i);
    missed.add(next, at += 1us);
  }
  CHECK(missed.since(keys[0], at));
  for (const std::size_t gone : {1U, 2U, 3U})
    CHECK_FALSE(missed.since(keys[gone], at));
  CHECK(missed.since(keys[4], at));
  CHECK(missed.since(keys.back(), at));
}
