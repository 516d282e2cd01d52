#include <functional>

#include "auth/base/json.h"
#include "auth/nats/account_jwt.h"
#include "auth/nats/jwt.h"
#include "gateway/cli/setup/server_conf_template.h"
#include "tests/support/doctor_world.h"

using namespace doctor_world;  // NOLINT(google-build-using-namespace): it is these tests' own

namespace {

constexpr auth::Time kNow{std::chrono::seconds{1'800'000'000}};

auth::KeyPair pair_of(auth::Prefix prefix, std::uint8_t number) {
  auth::Key32 seed{};
  seed.fill(number);
  return {prefix, seed};
}

auth::PublicKey public_key(auth::Prefix prefix, std::uint8_t number) {
  return pair_of(prefix, number).public_key();
}

using auth::Prefix;
const auth::PublicKey kCallout = public_key(Prefix::account, 20);
const auth::PublicKey kCalloutSigning = public_key(Prefix::account, 21);
const auth::PublicKey kApp = public_key(Prefix::account, 22);
const auth::PublicKey kAppSigning = public_key(Prefix::account, 23);
const auth::PublicKey kServers = public_key(Prefix::account, 24);
const auth::PublicKey kSentinel = public_key(Prefix::user, 25);

// What is signed, and by which account nobody asks here.
struct Setup {
  auth::SetupAccount callout{
      .key = kCallout,
      .name = "AUTH",
      .signing_keys = {kCalloutSigning},
      .callout = auth::SetupCallout{.auth_users = {public_key(Prefix::user, 1)},
                                    .allowed_accounts = {kApp},
                                    .xkey = public_key(Prefix::curve, 4)}};
  auth::SetupAccount app{.key = kApp, .name = "APP", .signing_keys = {kAppSigning}};
  bool bearer = true;
};

std::string text_of(const Setup& setup) {
  const auto root = pair_of(Prefix::operator_key, 26);
  const auto account = [&](const auth::SetupAccount& one) {
    return gateway::cli::AccountJwt{.id = write_public_key(one.key),
                                    .jwt = write_setup_account(one, kNow, root)};
  };
  const auto signing = pair_of(Prefix::account, 21);
  const std::string text = gateway::cli::operator_server_conf(
      {.listen = "127.0.0.1:4222",
       .jetstream_dir = "/var/lib/nats",
       .operator_jwt = auth::write_setup_operator("credgate", kServers, kNow, root),
       .callout = account(setup.callout),
       .system = account({.key = kServers, .name = "SYS"}),
       .app = account(setup.app),
       .admin = account({.key = public_key(Prefix::account, 27), .name = "ADMIN"}),
       .sentinel_jwt =
           auth::write_setup_user({.key = kSentinel, .name = "sentinel", .bearer = setup.bearer},
                                  kNow, {.key = signing, .issuer_account = kCallout})});
  return edited(text, "# default_sentinel:", "default_sentinel:");
}

OwnSide own_operator() {
  return {.file = "credgate.conf",
          .operator_mode = true,
          .callout_account = write_public_key(kCallout),
          .has_system = true,
          .system_account = write_public_key(kServers),
          .accounts = {{.name = "APP",
                        .id = write_public_key(kApp),
                        .signing_key = write_public_key(kAppSigning)}},
          .issuers = {write_public_key(kCalloutSigning)},
          .xkeys = {kXkey},
          .gateway = kGateway,
          .system_user = kSystem,
          .sentinels = {write_public_key(kSentinel)}};
}

}  // namespace

TEST_CASE("operator_checks: what init makes in operator mode has no finding", "[doctor]") {
  const Diagnosis found = diagnose(text_of({}), own_operator(), kNewest);
  CHECK(found.findings.empty());
  CHECK(found.unseen.empty());
}

TEST_CASE("operator_checks: each check in an account's JWT is named, and nothing else",
          "[doctor]") {
  struct Row {
    const char* what;
    std::function<void(Setup&)> edit;
    std::vector<Check> checks;
  };
  const auto row = GENERATE(values<Row>({
      {"no callout",
       [](Setup& s) { s.callout.callout.reset(); },
       {Check::no_auth_callout, Check::account_not_allowed}},
      {"another auth_user for credgate",
       [](Setup& s) { s.callout.callout->auth_users = {public_key(Prefix::user, 9)}; },
       {Check::gateway_not_in_auth_users, Check::users_in_callout_account}},
      {"another xkey",
       [](Setup& s) { s.callout.callout->xkey = public_key(Prefix::curve, 9); },
       {Check::xkey_mismatch}},
      {"no account allowed",
       [](Setup& s) { s.callout.callout->allowed_accounts.clear(); },
       {Check::account_not_allowed}},
      {"no signing key of the callout account",
       [](Setup& s) { s.callout.signing_keys.clear(); },
       {Check::issuer_mismatch}},
      {"no signing key of the account",
       [](Setup& s) { s.app.signing_keys.clear(); },
       {Check::account_key_unknown}},
      {"a sentinel that needs its seed",
       [](Setup& s) { s.bearer = false; },
       {Check::sentinel_mismatch}},
  }));
  CAPTURE(row.what);
  Setup setup;
  row.edit(setup);
  CHECK(checks_in(diagnose(text_of(setup), own_operator(), kNewest)) == row.checks);
}

TEST_CASE(
    "operator_checks: an export of the callout account that every account may import is named",
    "[doctor]") {
  Setup setup;
  setup.callout.exports = {{.subject = "credgate.v1.credentials.>"},
                           {.subject = "credgate.v1.events.>", .service = false}};
  CHECK(diagnose(text_of(setup), own_operator(), kNewest).findings.empty());

  // As they were made before they were private.
  const std::string id = write_public_key(kCallout);
  const std::string text = text_of(setup);
  const std::size_t begin = text.find("  " + id + ": ") + 2 + id.size() + 2;
  const std::string jwt = text.substr(begin, text.find('\n', begin) - begin);
  const auto read = auth::read_jwt(jwt);
  REQUIRE(read);
  auto claims = auth::read_json_object(read->claims.view()).value();
  for (auto& one : claims["nats"]["exports"])
    one.erase("token_req");
  const std::string open = auth::write_jwt(claims.dump(), pair_of(Prefix::operator_key, 26));
  const Diagnosis found = diagnose(edited(text, jwt, open), own_operator(), kNewest);
  CHECK(checks_in(found) == std::vector{Check::public_exports});
  CHECK(found.findings.front().what.find("credgate.v1.credentials.>, credgate.v1.events.>") !=
        std::string::npos);
}

TEST_CASE("operator_checks: leafnodes of an operator's accounts are asked about too", "[doctor]") {
  const std::string leaf = text_of({}) + "leafnodes { listen: \"127.0.0.1:7422\" }\n";
  CHECK(checks_in(diagnose(leaf, own_operator(), kNewest)) == std::vector{Check::leafnode_publish});
}

TEST_CASE("operator_checks: each check beside an account's JWT is named, and nothing else",
          "[doctor]") {
  struct Row {
    const char* what;
    std::function<void(OwnSide&)> edit;
    std::vector<Check> checks;
  };
  const auto row = GENERATE(values<Row>({
      {"configuration mode",
       [](OwnSide& side) { side.operator_mode = false; },
       {Check::mode_mismatch}},
      {"a scoped key that is none",
       [](OwnSide& side) { side.accounts.front().scoped = true; },
       {Check::scoped_mismatch}},
      {"another system account",
       [](OwnSide& side) { side.system_account = kOtherIssuer; },
       {Check::system_account_mismatch}},
      {"no system account", [](OwnSide& side) { side.has_system = false; }, {Check::no_system}},
      {"another sentinel",
       [](OwnSide& side) { side.sentinels = {kOtherUser}; },
       {Check::sentinel_mismatch}},
      {"another callout account",
       [](OwnSide& side) { side.callout_account = kOtherIssuer; },
       {Check::account_not_defined}},
      {"an account without a JWT",
       [](OwnSide& side) { side.accounts.front().id = kOtherIssuer; },
       {Check::account_not_allowed, Check::account_not_defined}},
  }));
  CAPTURE(row.what);
  OwnSide side = own_operator();
  row.edit(side);
  auto checks = checks_in(diagnose(text_of({}), side, kNewest));
  std::ranges::sort(checks);
  auto expected = row.checks;
  std::ranges::sort(expected);
  CHECK(checks == expected);
}

TEST_CASE("operator_checks: the servers' system account may stand in the operator's JWT",
          "[doctor]") {
  const std::string line = "system_account: " + write_public_key(kServers) + "\n";
  CHECK(diagnose(edited(text_of({}), line, ""), own_operator(), kNewest).findings.empty());
}

TEST_CASE("operator_checks: a JWT that is with a resolver is not seen, which is said", "[doctor]") {
  std::string text = edited(text_of({}), "resolver: MEMORY", "resolver: { type: full, dir: x }");
  text = edited(text, "resolver_preload {", "other {");
  const Diagnosis found = diagnose(text, own_operator(), kNewest);
  CHECK(found.findings.empty());
  CHECK(found.unseen.size() == 2);
}

TEST_CASE("operator_checks: a JWT that is none is not a harm", "[doctor]") {
  const std::string id = write_public_key(kApp);
  const std::string text = text_of({});
  const std::size_t at = text.find("  " + id + ": ");
  REQUIRE(at != std::string::npos);
  const std::size_t begin = at + 2 + id.size() + 2;
  const std::size_t size = text.find('\n', begin) - begin;
  for (const std::string jwt : {"x", "a.b.c", "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.."}) {
    CAPTURE(jwt);
    std::string broken = text;
    broken.replace(begin, size, jwt);
    CHECK(diagnose(broken, own_operator(), kNewest).unseen.size() == 1);
  }
}
