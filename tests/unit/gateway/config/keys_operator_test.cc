// Which of several keys signs what, and what credgate logs in with in operator mode.

#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include <sys/stat.h>

#include "auth/nats/creds_file.h"
#include "gateway/config/keys.h"
#include "tests/support/catch.h"
#include "tests/support/make_request.h"
#include "tests/support/temp_dir.h"

using auth::ConfigError;
using auth::KeyPair;
using auth::Prefix;
using gateway::Config;
using gateway::Keys;

namespace {

namespace made = auth::made;

KeyPair account(std::uint8_t fill) {
  return made::key(Prefix::account, fill);
}

// A directory of key files and a configuration that names them.
class KeyDirectory {
 public:
  KeyDirectory() {
    config.file = dir_.path() / "credgate.conf";
    config.keys_dir = dir_.path();
    config.nats.nkey = "gateway.nk";
    config.issuers = {"issuer.nk"};
    config.master_keys = {"master.key"};
    put("gateway.nk", made::client());
    put("issuer.nk", account(31));
    put("master.key", std::string(43, 'A'));
  }
  void put(const char* name, std::string_view text) const {
    const auto file = dir_.path() / name;
    std::ofstream{file} << text << '\n';
    REQUIRE(chmod(file.c_str(), 0600) == 0);
  }
  void put(const char* name, const KeyPair& key) const { put(name, key.seed().view()); }

  // The callout account is 31, APP is 41, SCOPED is 51.
  void use_operator_mode() {
    config.operator_mode = true;
    config.callout_account = made::text(account(31));
    config.account_keys = {
        {"APP", {.id = made::text(account(41)), .signing_key = "app.nk"}},
        {"SCOPED", {.id = made::text(account(51)), .signing_key = "scoped.nk", .scoped = true}}};
    config.accounts = {"APP", "SCOPED"};
    put("app.nk", account(41));
    put("scoped.nk", account(52));
  }
  void log_in_with_creds() {
    config.nats.nkey.clear();
    config.nats.creds = "gateway.creds";
  }
  std::string complaint() const {
    try {
      static_cast<void>(load_keys(config));
    } catch (const auth::ConfigError& error) {
      return error.what();
    }
    return "none";
  }

  Config config;

 private:
  TempDir dir_;
};

}  // namespace

TEST_CASE("keys_operator: in configuration mode the issuer that the server expects signs both JWTs",
          "[config]") {
  KeyDirectory files;
  files.config.issuers = {"issuer.nk", "second.nk"};
  files.put("second.nk", account(32));
  const Keys keys = load_keys(files.config);
  CHECK(keys.expected_issuers() == std::vector{account(31).public_key(), account(32).public_key()});
  for (const auto fill : {std::uint8_t{31}, std::uint8_t{32}}) {
    const auto expected = account(fill).public_key();
    const auth::Signer callout = keys.callout_signer(expected);
    CHECK(callout.key.public_key() == expected);
    CHECK_FALSE(callout.issuer_account);
    const auth::Target target = keys.target("APP", expected);
    CHECK(target.signer.key.public_key() == expected);
    CHECK_FALSE(target.signer.issuer_account);
    CHECK(target.audience == "APP");
    CHECK_FALSE(target.scoped);
  }
  CHECK_THROWS_AS(keys.callout_signer(account(33).public_key()), std::logic_error);
  CHECK_THROWS_AS(keys.target("APP", account(33).public_key()), std::logic_error);
}

TEST_CASE(
    "keys_operator: in operator mode the callout account is expected, and its first issuer signs",
    "[config]") {
  KeyDirectory files;
  files.use_operator_mode();
  const auto callout_account = account(31).public_key();
  SECTION("the account's own key") {
    const Keys keys = load_keys(files.config);
    CHECK(keys.expected_issuers() == std::vector{callout_account});
    CHECK(keys.callout_signer(callout_account).key.public_key() == callout_account);
    CHECK_FALSE(keys.callout_signer(callout_account).issuer_account);
  }
  SECTION("one of its signing keys") {
    files.config.issuers = {"signing.nk", "issuer.nk"};
    files.put("signing.nk", account(35));
    const Keys keys = load_keys(files.config);
    CHECK(keys.expected_issuers() == std::vector{callout_account});
    CHECK(keys.callout_signer(callout_account).key.public_key() == account(35).public_key());
    CHECK(keys.callout_signer(callout_account).issuer_account == callout_account);
  }
}

TEST_CASE(
    "keys_operator: in operator mode each account has a key of its own, and an unknown one has "
    "none",
    "[config]") {
  KeyDirectory files;
  files.use_operator_mode();
  const Keys keys = load_keys(files.config);
  const auto expected = account(31).public_key();

  const auth::Target app = keys.target("APP", expected);
  CHECK(app.signer.key.public_key() == account(41).public_key());
  CHECK_FALSE(app.signer.issuer_account);
  CHECK(app.audience.empty());
  CHECK_FALSE(app.scoped);

  const auth::Target scoped = keys.target("SCOPED", expected);
  CHECK(scoped.signer.key.public_key() == account(52).public_key());
  CHECK(scoped.signer.issuer_account == account(51).public_key());
  CHECK(scoped.audience.empty());
  CHECK(scoped.scoped);

  for (const char* name : {"OTHER", "", "app", "APP "}) {
    CAPTURE(name);
    CHECK_THROWS_AS(keys.target(name, expected), std::logic_error);
  }
}

TEST_CASE(
    "keys_operator: each key of operator mode that is missing or of another type is refused by "
    "name",
    "[config]") {
  KeyDirectory files;
  files.use_operator_mode();
  REQUIRE(files.complaint() == "none");
  SECTION("no key for an account") {
    files.config.account_keys.at("APP").signing_key = "gone.nk";
    CHECK(files.complaint().find("gone.nk: the key is missing") != std::string::npos);
  }
  SECTION("a user's seed for an account") {
    files.put("app.nk", made::client());
    CHECK(files.complaint().find("app.nk: must hold an account seed") != std::string::npos);
  }
  SECTION("a second issuer that is not an account's") {
    files.config.issuers.push_back("gateway.nk");
    CHECK(files.complaint().find("gateway.nk: must hold an account seed") != std::string::npos);
  }
  SECTION("an xkey that is none") {
    files.config.xkeys = {"issuer.nk"};
    CHECK(files.complaint().find("issuer.nk: must hold a curve seed") != std::string::npos);
  }
}

TEST_CASE("keys_operator: several xkeys are loaded in their order, and none where none is named",
          "[config]") {
  KeyDirectory files;
  CHECK(load_keys(files.config).xkeys.empty());
  files.config.xkeys = {"new.xk", "old.xk"};
  files.put("new.xk", made::key(Prefix::curve, 61));
  files.put("old.xk", made::key(Prefix::curve, 62));
  const Keys keys = load_keys(files.config);
  REQUIRE(keys.xkeys.size() == 2);
  CHECK(keys.xkeys[0].public_key() == made::key(Prefix::curve, 61).public_key());
  CHECK(keys.xkeys[1].public_key() == made::key(Prefix::curve, 62).public_key());
  CHECK(gateway::public_keys(keys.xkeys) ==
        made::text(made::key(Prefix::curve, 61)) + ", " + made::text(made::key(Prefix::curve, 62)));
}

TEST_CASE(
    "keys_operator: credgate logs in with a seed, or with a credentials file that has the user JWT "
    "too",
    "[config]") {
  KeyDirectory files;
  const Keys by_seed = load_keys(files.config);
  CHECK(by_seed.nats.key.public_key() == made::client().public_key());
  CHECK(by_seed.nats.user_jwt.empty());
  CHECK_FALSE(by_seed.system);

  const KeyPair user = made::key(Prefix::user, 71);
  files.put("gateway.creds", auth::write_creds("the.user.jwt", user).view());
  files.log_in_with_creds();
  files.config.has_system = true;
  files.config.system.creds = "gateway.creds";
  const Keys by_creds = load_keys(files.config);
  CHECK(by_creds.nats.key.public_key() == user.public_key());
  CHECK(by_creds.nats.user_jwt == "the.user.jwt");
  REQUIRE(by_creds.system);
  CHECK(by_creds.system->user_jwt == "the.user.jwt");
}

TEST_CASE("keys_operator: a credentials file that is wrong is refused by name, and never shown",
          "[config]") {
  KeyDirectory files;
  files.log_in_with_creds();
  const KeyPair user = made::key(Prefix::user, 71);
  const std::string seed{user.seed().view()};
  CHECK(files.complaint().find("gateway.creds: the key is missing") != std::string::npos);
  for (const std::string& text : {std::string{}, seed, std::string("the.user.jwt")}) {
    files.put("gateway.creds", text);
    const std::string said = files.complaint();
    CAPTURE(said);
    CHECK(said.find("gateway.creds: must hold a user JWT and its seed") != std::string::npos);
    CHECK(said.find(seed.substr(0, 20)) == std::string::npos);
  }
}
