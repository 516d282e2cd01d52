// What the configuration of operator mode has besides.

#include <string>

#include "gateway/config/config.h"
#include "tests/support/catch.h"
#include "tests/support/make_request.h"

using auth::ConfigError;
using gateway::AccountConfig;
using gateway::Config;
using gateway::read_config;

namespace {

std::string account(std::uint8_t fill) {
  return auth::made::text(auth::made::key(auth::Prefix::account, fill));
}

std::string user(std::uint8_t fill) {
  return auth::made::text(auth::made::key(auth::Prefix::user, fill));
}

const std::string kCallout = account(11);
const std::string kSystem = account(12);
const std::string kApp = account(13);
const std::string kOther = account(14);
const std::string kSentinel = user(15);

const std::string kGood = R"({
  "nats": { "url": "nats://127.0.0.1:4222", "creds": "gateway.creds" },
  "system": { "creds": "system.creds", "account": ")" +
                          kSystem + R"(" },
  "callout": {
    "mode": "operator",
    "account": ")" + kCallout +
                          R"(",
    "sentinels": [")" + kSentinel +
                          R"("],
    "issuer": "callout.nk"
  },
  "accounts": {
    "APP": { "id": ")" + kApp +
                          R"(", "signing_key": "app.nk" },
    "OTHER": {
      "id": ")" + kOther +
                          R"(",
      "signing_key": "other.nk",
      "scoped": true
    }
  },
  "store": { "dir": "store" },
  "master_key": "master.key"
})";

std::string with(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

Config read(const std::string& text) {
  return read_config(text, "/etc/x/credgate.conf");
}

std::string complaint(const std::string& text) {
  try {
    static_cast<void>(read(text));
  } catch (const auth::ConfigError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("config_operator: the configuration of operator mode is read", "[config]") {
  const Config config = read(kGood);
  CHECK(config.operator_mode);
  CHECK(config.callout_account == kCallout);
  CHECK(config.system_account == kSystem);
  CHECK(config.sentinels == std::vector{kSentinel});
  CHECK(config.nats.creds == "gateway.creds");
  CHECK(config.nats.nkey.empty());
  CHECK(config.system.creds == "system.creds");
  CHECK(config.accounts == std::vector<std::string>{"APP", "OTHER"});
  CHECK(config.account_keys.size() == 2);
  CHECK(config.account_keys.at("APP") ==
        AccountConfig{.id = kApp, .signing_key = "app.nk", .scoped = false});
  CHECK(config.account_keys.at("OTHER") ==
        AccountConfig{.id = kOther, .signing_key = "other.nk", .scoped = true});
}

TEST_CASE("config_operator: the policy of operator mode grants by name, and knows its sentinels",
          "[config]") {
  const auth::Policy policy = read(kGood).policy();
  CHECK(policy.mode.operator_mode);
  CHECK(policy.mode.sentinels == std::vector{kSentinel});
  CHECK(policy.accounts == std::vector<std::string>{"APP", "OTHER"});
}

TEST_CASE("config_operator: operator mode does without sentinels and without a system connection",
          "[config]") {
  CHECK(complaint(with("[\"" + kSentinel + "\"]", "[]")) == "none");
  CHECK(read(with("[\"" + kSentinel + "\"]", "\"" + kSentinel + "\"")).sentinels ==
        std::vector{kSentinel});
  CHECK_FALSE(read(with("\"creds\": \"system.creds\", ", "")).has_system);
}

TEST_CASE(
    "config_operator: what is wrong in the configuration of operator mode is named with its line",
    "[config]") {
  struct Case {
    const char* what;
    std::string text;
    std::string complaint;
  };
  const std::string sentinel = "\"" + kSentinel + "\"";
  const std::string scoped = "\"scoped\": true";
  const auto bad = GENERATE_COPY(values<Case>({
      {"no callout account", with("\"account\": \"" + kCallout + "\",", ""),
       ":4: callout.account: must be the callout account's id"},
      {"a callout account by name", with(kCallout, "AUTH"),
       ":6: callout.account: must be the callout account's id"},
      {"a user for the callout account", with(kCallout, kSentinel),
       ":6: callout.account: must be the callout account's id"},
      {"a sentinel that is an account", with(sentinel, "\"" + kApp + "\""),
       ":7: callout.sentinels: must be the subjects of user JWTs"},
      {"a second sentinel that is none", with(sentinel, sentinel + ", \"\""),
       ":7: callout.sentinels: must be the subjects of user JWTs"},
      {"a sentinel that is a number", with(sentinel, "7"),
       ":7: callout.sentinels: must be a string, or an array of strings"},
      {"configuration mode with all of it", with("\"operator\"", "\"config\""),
       "callout.sentinels: unknown key"},
      {"a mode that is a boolean", with("\"operator\"", "true"),
       ":5: callout.mode: must be \"config\""},
      {"a seed", with("\"creds\": \"gateway.creds\"", "\"nkey\": \"gateway.nk\""),
       ":2: nats.nkey: is only for configuration mode"},
      {"no credentials", with(", \"creds\": \"gateway.creds\"", ""), ":2: nats.creds: is missing"},
      {"no system account", with(", \"account\": \"" + kSystem + "\"", ""),
       ":3: system.account: is missing"},
      {"a system account by name", with(kSystem, "SYS"), ":3: system.account: must be"},

      {"an account without an id", with("\"id\": \"" + kApp + "\", ", ""),
       ":11: accounts.APP.id: is missing"},
      {"an account's name for its id", with(kApp, "APP"),
       ":11: accounts.APP.id: must be the account's id"},
      {"a user for an account", with(kOther, kSentinel),
       ":13: accounts.OTHER.id: must be the account's id"},
      {"an account without a key", with(", \"signing_key\": \"app.nk\"", ""),
       ":11: accounts.APP.signing_key: is missing"},
      {"an account with an empty key", with("\"app.nk\"", "\"\""),
       ":11: accounts.APP.signing_key: is missing"},
      {"scoped in quotes", with(scoped, "\"scoped\": \"true\""),
       ":15: accounts.OTHER.scoped: must be true or false"},
      {"an unknown key of an account", with(scoped, "\"scope\": true"),
       ":15: accounts.OTHER.scope: unknown key; did you mean \"scoped\"?"},
      {"the callout account granted", with(kApp, kCallout),
       ":11: accounts.APP.id: is the callout or the system account"},
      {"the system account granted", with(kOther, kSystem),
       ":13: accounts.OTHER.id: is the callout or the system account"},
      {"an account that is a string",
       with("{ \"id\": \"" + kApp + "\", \"signing_key\": \"app.nk\" }", "\"" + kApp + "\""),
       ":11: accounts.APP: must be an object"},
      {"an account's name with a dot", with("\"APP\"", "\"A.P\""),
       "accounts: \"A.P\" is not an account name"},
      {"an account twice", with("\"OTHER\"", "\"APP\""), ":12: accounts.APP: given twice"},
  }));
  CAPTURE(bad.what);
  const std::string said = complaint(bad.text);
  CAPTURE(said);
  CHECK(said.find(bad.complaint) != std::string::npos);
  CHECK(said.find('\n') == std::string::npos);
}

TEST_CASE("config_operator: operator mode needs an object of accounts, and one account at least",
          "[config]") {
  const std::size_t start = kGood.find("\"accounts\": {");
  const std::size_t end = kGood.find("\"store\"");
  const auto accounts = [&](const std::string& value) {
    return complaint(kGood.substr(0, start) + "\"accounts\": " + value + ",\n  " +
                     kGood.substr(end));
  };
  CHECK(accounts("{}").find(":10: accounts: is missing") != std::string::npos);
  CHECK(accounts("[\"APP\"]").find(":10: accounts: must be an object") != std::string::npos);
}

TEST_CASE(
    "config_operator: in operator mode accounts and sentinels take a restart, since they come with "
    "keys",
    "[config]") {
  const Config running = read(kGood);
  using Names = std::vector<std::string>;
  const auto left = [&](const std::string& text) { return needs_restart(running, read(text)); };
  CHECK(left(kGood).empty());
  CHECK(left(with("\"app.nk\"", "\"new.nk\"")) == Names{"accounts"});
  CHECK(left(with("\"scoped\": true", "\"scoped\": false")) == Names{"accounts"});
  CHECK(left(with(kApp, account(16))) == Names{"accounts"});
  CHECK(left(with("\"APP\"", "\"THIRD\"")) == Names{"accounts"});
  CHECK(left(with(kSentinel, user(17))) == Names{"callout.sentinels"});
  CHECK(left(with(kCallout, account(16))) == Names{"callout.account"});
  CHECK(left(with(kSystem, account(16))) == Names{"system.account"});
  CHECK(left(with("\"gateway.creds\"", "\"b\"")) == Names{"nats"});
  CHECK(left(with("\"system.creds\"", "\"b\"")) == Names{"system"});
}

TEST_CASE("config_operator: another mode takes a restart", "[config]") {
  const Config running = read(kGood);
  const Config wanted = read(R"({
    "nats": { "url": "nats://127.0.0.1:4222", "nkey": "gateway.nk" },
    "callout": { "issuer": "callout.nk" },
    "accounts": ["APP"],
    "store": { "dir": "store" },
    "master_key": "master.key"
  })");
  CHECK(needs_restart(running, wanted) ==
        std::vector<std::string>{"nats", "system", "callout.mode", "callout.sentinels", "accounts",
                                 "callout.account", "system.account"});
}
