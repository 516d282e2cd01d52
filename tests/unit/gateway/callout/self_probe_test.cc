#include "gateway/callout/self_probe.h"

#include <chrono>

#include "auth/decision/probe_credential.h"
#include "gateway/config/config.h"
#include "tests/support/catch.h"
#include "tests/support/decide_world.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

const auth::MasterKeys& keys() {
  static const auth::MasterKeys kKeys = auth::made::make_master_keys();
  return kKeys;
}

}  // namespace

TEST_CASE(
    "self_probe: a probe's key is another each minute, and the same for all who have the master "
    "key",
    "[callout]") {
  const auth::Minute minute{std::chrono::minutes{29'000'000}};
  const auth::MasterKey& master = keys().current();
  const auto key = [&](auth::Minute at) { return auth::probe_key(master, at).public_key(); };
  CHECK(key(minute) == key(minute));
  CHECK(key(minute) != key(minute + 1min));
  CHECK(key(minute).prefix == auth::Prefix::user);
}

TEST_CASE("self_probe: a probe's key holds for its own minute and the two beside it", "[callout]") {
  ProbeKeys probe_keys{keys()};
  const auto now = std::chrono::floor<std::chrono::minutes>(std::chrono::system_clock::now());
  const auto has = [&](auth::Minute at) {
    return probe_keys.has(write_public_key(auth::probe_key(keys().current(), at).public_key()));
  };
  CHECK(probe_keys.has(write_public_key(probe_keys.now().public_key())));
  CHECK(has(now));
  CHECK_FALSE(has(now - 3min));
  CHECK_FALSE(has(now + 3min));
  CHECK_FALSE(probe_keys.has(""));
  CHECK_FALSE(probe_keys.has(std::string(auth::kProbeId)));
}

TEST_CASE("self_probe: a probe may do nothing, and not for long", "[callout]") {
  const auth::Credential probe = auth::probe_credential(auth::Kind::nkey, "UX", "APP");
  CHECK_FALSE(auth::has_id_form(probe.id));
  CHECK(probe.permissions.publish.deny == std::vector<std::string>{">"});
  CHECK(probe.permissions.subscribe.deny == std::vector<std::string>{">"});
  CHECK(probe.permissions.publish.allow.empty());
  CHECK(probe.permissions.subscribe.allow.empty());
  CHECK(probe.session_ttl == std::chrono::seconds{90});
  CHECK(probe == auth::probe_credential(auth::Kind::nkey, "UX", "APP"));
}

TEST_CASE("self_probe: probes go into the accounts whose permissions are the gateway's to give",
          "[callout]") {
  Config config;
  config.accounts = {"TEMPLATE", "APP"};
  using Accounts = std::vector<std::string>;
  CHECK(probe_accounts(config) == Accounts{"TEMPLATE", "APP"});
  config.account_keys["TEMPLATE"].scoped = true;
  CHECK(probe_accounts(config) == Accounts{"APP"});
  config.accounts.emplace_back("ADMIN");
  config.admin_account = "ADMIN";
  CHECK(probe_accounts(config) == Accounts{"APP"});
  config.account_keys["APP"].scoped = true;
  CHECK(probe_accounts(config) == Accounts{"ADMIN"});
  config.account_keys["ADMIN"].scoped = true;
  CHECK(probe_accounts(config).empty());
}

TEST_CASE("self_probe: ready is who was let in lately, and let one in", "[callout]") {
  const Readiness::Clock::time_point now{std::chrono::hours{9}};
  Readiness readiness;
  CHECK_FALSE(readiness.get(now).ready);
  readiness.came_through("", now);
  CHECK_FALSE(readiness.get(now).ready);  // another daemon of the group let it in
  CHECK(readiness.pause(now) == 1s);
  readiness.judged(std::nullopt, now);
  CHECK(readiness.pause(now) == 5s);
  CHECK(readiness.pause(now + 11s) == 5s);  // nothing comes through: it is not asked for more
  CHECK(readiness.get(now).ready);
  CHECK(readiness.get(now + 30s).ready);
  CHECK_FALSE(readiness.get(now + 31s).ready);

  readiness.judged(auth::Deny::account_not_allowed, now + 20s);
  readiness.failed("Authorization Violation");
  CHECK(readiness.get(now + 30s).ready);
  const auto is = readiness.get(now + 40s);
  CHECK_FALSE(is.ready);
  CHECK(is.why_not.find("within 30 s") != std::string::npos);
  CHECK(is.why_not.find("account_not_allowed") != std::string::npos);
  CHECK(is.why_not.find("Authorization Violation") != std::string::npos);
  CHECK(readiness.good() == 1);
  CHECK(readiness.bad() == 1);
}

TEST_CASE("self_probe: clocks that differ are named at once, and for as long as they differ",
          "[callout]") {
  const auto [why, text] = GENERATE(table<auth::Drop, const char*>({
      {auth::Drop::expired, "clock is ahead of that of nats-server"},
      {auth::Drop::not_yet_valid, "clock is behind that of nats-server"},
  }));
  const Readiness::Clock::time_point now{std::chrono::hours{9}};
  Readiness readiness;
  readiness.came_through("APP", now);
  readiness.judged(std::nullopt, now);
  // All at once: their server was stopped for a while.
  for (int i = 0; i < 100; ++i)
    readiness.dropped(why, now + 1ms * i);
  CHECK(readiness.get(now + 1s).ready);
  CHECK(readiness.pause(now + 1s) == 1s);
  readiness.dropped(why, now + 1s);
  const auto is = readiness.get(now + 1s);
  CHECK_FALSE(is.ready);
  CHECK(is.why_not.find(text) != std::string::npos);
  CHECK_FALSE(readiness.get(now + 11s).ready);
  CHECK(readiness.get(now + 12s).ready);
  // Long after, it takes a second again.
  readiness.dropped(why, now + 20s);
  CHECK(readiness.get(now + 20s).ready);
}

TEST_CASE("self_probe: another reason to drop a request says nothing of clocks", "[callout]") {
  const Readiness::Clock::time_point now{std::chrono::hours{9}};
  Readiness readiness;
  readiness.came_through("APP", now);
  readiness.judged(std::nullopt, now);
  readiness.dropped(auth::Drop::malformed, now);
  readiness.dropped(auth::Drop::malformed, now + 5s);
  CHECK(readiness.get(now + 5s).ready);
}
