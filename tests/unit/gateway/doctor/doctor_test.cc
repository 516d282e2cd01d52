#include "gateway/doctor/doctor.h"

#include <functional>

#include "tests/support/doctor_world.h"

using namespace doctor_world;  // NOLINT(google-build-using-namespace): it is these tests' own

TEST_CASE("doctor: what init makes has no finding", "[doctor]") {
  const auto version = GENERATE(values<Version>({{}, kNewest}));
  CHECK(diagnose(good(), own(), version).findings.empty());
  CHECK(diagnose(good(), own(), version).unseen.empty());
}

TEST_CASE("doctor: each check is named, and nothing else", "[doctor]") {
  struct Row {
    const char* what;
    std::string from;
    std::string to;
    std::vector<Check> checks;
  };
  const std::string gateway_user = "{ nkey: " + kGateway;
  const std::string end = "# No no_auth_user";
  const auto row = GENERATE_COPY(values<Row>({
      {"a timeout with a unit", "timeout: 5", "timeout: \"5s\"", {Check::string_timeout}},
      {"the same without quotes", "timeout: 5", "timeout = 5s", {Check::string_timeout}},
      {"a timeout of a second", "timeout: 5", "timeout: 1", {Check::short_timeout}},
      {"a timeout below two", "timeout: 5", "Timeout: 1.5", {Check::short_timeout}},
      {"no auth_callout", "auth_callout {", "other {", {Check::no_auth_callout}},
      {"another issuer", "issuer: " + kIssuer, "issuer: " + kOtherIssuer, {Check::issuer_mismatch}},
      {"no issuer", "issuer: " + kIssuer, "", {Check::issuer_mismatch}},
      {"another xkey", "xkey: " + kXkey, "key: " + kOtherXkey, {Check::xkey_mismatch}},
      {"no xkey", "xkey: " + kXkey, "", {Check::xkey_mismatch}},
      {"another callout account",
       "account: AUTH\n",
       "account: APP\n",
       {Check::callout_account_mismatch, Check::gateway_not_in_callout_account}},
      {"no callout account",
       "account: AUTH\n",
       "\n",
       {Check::callout_in_global_account, Check::callout_account_mismatch,
        Check::gateway_not_in_callout_account}},
      {"a second user there",
       gateway_user,
       "{ user: bob, password: x }, " + gateway_user,
       {Check::users_in_callout_account}},
      {"another nkey there",
       gateway_user,
       "{ nkey: " + kOtherUser + " }, " + gateway_user,
       {Check::users_in_callout_account}},
      {"another nkey for credgate's",
       gateway_user,
       "{ nkey: " + kOtherUser,
       {Check::users_in_callout_account, Check::gateway_not_in_callout_account}},
      {"credgate not in auth_users",
       "[ " + kGateway + ", ",
       "[ ",
       {Check::gateway_not_in_auth_users}},
      {"its system user not in auth_users",
       ", " + kSystem + " ]",
       " ]",
       {Check::system_user_delegated}},
      {"a name in auth_users that nobody has",
       kAuthUsers,
       edited(kAuthUsers, " ]", ", x ]"),
       {Check::auth_user_not_defined}},
      {"credgate may not hear requests",
       "\"$SYS.REQ.USER.AUTH\",",
       "",
       {Check::missing_permissions}},
      {"credgate may not hear what the server refuses",
       "\"$SYS.ACCOUNT.CLIENT.AUTH.ERR\",",
       "",
       {Check::missing_permissions}},
      {"credgate may not answer", "\"$SYS._INBOX.>\",", "", {Check::missing_permissions}},
      {"credgate may not close", "\"$SYS.REQ.SERVER.*.KICK\",", "", {Check::missing_permissions}},
      {"credgate may not look",
       "\"$SYS.REQ.SERVER.*.CONNZ\"",
       "\"x\"",
       {Check::missing_permissions}},
      {"credgate does not hear the answers",
       "\"_INBOX.>\",\"$SYS.ACCOUNT",
       "\"$SYS.ACCOUNT",
       {Check::missing_permissions}},
      {"credgate does not hear what admins ask",
       "\"credgate.v1.credentials.>\",",
       "",
       {Check::missing_permissions}},
      {"permissions that nobody understands",
       "\"$SYS.REQ.USER.AUTH\",",
       "\"$SYS.REQ.USER.AUTH q r s\",",
       {Check::missing_permissions}},
      {"no user of the system account",
       "{ nkey: " + kSystem,
       "{ nkey: " + kOtherUser,
       {Check::system_user_missing, Check::static_user_delegated}},
      {"another system account",
       "system_account: SYS",
       "system_account: APP",
       {Check::system_account_mismatch}},
      {"no system account named", "system_account: SYS", "", {Check::system_account_mismatch}},
      {"the system account switched off",
       "system_account: SYS",
       "no_system_account: true",
       {Check::no_system_account}},
      {"an account that is missing", "  APP {", "  APPS {", {Check::account_not_defined}},
      {"default permissions",
       kAppUsers,
       kAppUsers + ", default_permissions: { publish: a }",
       {Check::default_permissions_unused}},
      {"a user outside auth_users",
       kAppUsers,
       with_app_user("{ user: bob, password: x }"),
       {Check::static_user_delegated}},
      {"users of no account",
       "timeout: 5",
       "timeout: 5, users: [ { user: bob, password: x } ]",
       {Check::static_user_delegated}},
      {"trace is on with an xkey", end, "trace: true\n" + end, {Check::trace_logs_tokens}},
      {"leafnodes with users",
       end,
       "leafnodes { listen: \"127.0.0.1:7422\", authorization { user: l, password: x } }\n" + end,
       {Check::leafnode_users}},
      {"leafnodes in the callout account",
       end,
       "leafnodes { authorization { users: [ { user: l, password: x, account: AUTH } ] } }\n" + end,
       {Check::users_in_callout_account, Check::leafnode_users}},
      {"a leafnode of its own there",
       end,
       "leafnodes { remotes: [ { url: \"nats://127.0.0.1:1\", account: AUTH } ] }\n" + end,
       {Check::users_in_callout_account}},
      {"default permissions that a user needs",
       kAppUsers,
       with_app_user("{ user: bob, password: x }") + ", default_permissions: { publish: a }",
       {Check::static_user_delegated}},
      {"leafnodes that credgate is asked about",
       end,
       "leafnodes { listen: \"127.0.0.1:7422\" }\n" + end,
       {Check::leafnode_publish}},
      {"an address that clients choose",
       end,
       "proxy_protocol: true\n" + end,
       {Check::proxy_protocol}},
      {"events for every account",
       "\"credgate.v1.events.>\", accounts: [ADMIN]",
       "\"credgate.v1.events.>\"",
       {Check::public_exports}},
      {"a service for every account",
       "\"credgate.v1.credentials.>\", accounts: [ADMIN]",
       "\"credgate.v1.credentials.>\", accounts: []",
       {Check::public_exports}},
      {"a listener with a timeout",
       end,
       "websocket { authorization { timeout: 9 } }\n" + end,
       {Check::listener_timeout}},
      {"the same by the block's other name",
       end,
       "websocket { authentication { timeout: 9 } }\n" + end,
       {Check::listener_timeout}},
      {"the same over MQTT",
       end,
       "mqtt { authentication { timeout: 9 } }\n" + end,
       {Check::listener_timeout}},
      {"a user for strangers", end, "no_auth_user: bob\n" + end, {Check::no_auth_user}},
      {"the same over MQTT", end, "mqtt { no_auth_user: bob }\n" + end, {Check::no_auth_user}},
      {"the same over WebSocket", end, "ws { no_auth_user: bob }\n" + end, {Check::no_auth_user}},
      {"operator mode", end, "operator: x.jwt\n" + end, {Check::mode_mismatch}},
  }));
  CAPTURE(row.what);
  const Diagnosis found = diagnose(edited(good(), row.from, row.to), own(), std::nullopt);
  auto checks = checks_in(found);
  auto expected = row.checks;
  std::ranges::sort(checks);
  std::ranges::sort(expected);
  CHECK(checks == expected);
}

TEST_CASE("doctor: what credgate.conf says is held against the configuration", "[doctor]") {
  struct Row {
    const char* what;
    std::function<void(OwnSide&)> edit;
    Check check_id;
    Severity severity;
  };
  const auto row = GENERATE(values<Row>({
      {"another issuer", [](OwnSide& side) { side.issuers = {kOtherIssuer}; },
       Check::issuer_mismatch, Severity::error},
      {"no xkey", [](OwnSide& side) { side.xkeys.clear(); }, Check::xkey_mismatch, Severity::error},
      {"no system", [](OwnSide& side) { side.has_system = false; }, Check::no_system,
       Severity::warning},
      {"another account", [](OwnSide& side) { side.accounts.push_back({.name = "NOPE"}); },
       Check::account_not_defined, Severity::error},
      {"operator mode", [](OwnSide& side) { side.operator_mode = true; }, Check::mode_mismatch,
       Severity::error},
  }));
  CAPTURE(row.what);
  OwnSide side = own();
  row.edit(side);
  const Diagnosis found = diagnose(good(), side, std::nullopt);
  const auto at = std::ranges::find(found.findings, row.check_id, &gateway::Finding::check_id);
  REQUIRE(at != found.findings.end());
  CHECK(at->severity == row.severity);
}

TEST_CASE("doctor: one of several issuers or xkeys is enough", "[doctor]") {
  OwnSide side = own();
  side.issuers.insert(side.issuers.begin(), kOtherIssuer);
  side.xkeys.insert(side.xkeys.begin(), kOtherXkey);
  CHECK(diagnose(good(), side, std::nullopt).findings.empty());
}

TEST_CASE("doctor: the global account is always there, and none has to be of the callout's alone",
          "[doctor]") {
  OwnSide side = own();
  side.accounts.push_back({.name = "$G"});
  CHECK(diagnose(good(), side, std::nullopt).findings.empty());
}

TEST_CASE("doctor: without an xkey passwords are readable, and are in a trace", "[doctor]") {
  OwnSide side = own();
  side.xkeys.clear();
  const std::string unsealed = edited(good(), "xkey: " + kXkey, "");
  CHECK(checks_in(diagnose(unsealed, side, std::nullopt)) == std::vector{Check::no_xkey});
  CHECK(checks_in(diagnose(unsealed + "trace_verbose: true\n", side, std::nullopt)) ==
        std::vector{Check::trace_logs_passwords, Check::no_xkey});
  CHECK(checks_in(diagnose(unsealed + "trace: false\ndebug: true\n", side, std::nullopt)) ==
        std::vector{Check::no_xkey});
}

TEST_CASE("doctor: without any nkey there is no nonce", "[doctor]") {
  const std::string text = edited(edited(good(), "nkey: " + kGateway, "user: g, password: x"),
                                  "nkey: " + kSystem, "user: s, password: x");
  const auto checks = checks_in(diagnose(text, own(), std::nullopt));
  CHECK(std::ranges::find(checks, Check::no_nonce) != checks.end());
}

TEST_CASE(
    "doctor: who is in auth_users, or in an account that is not delegated, goes past credgate",
    "[doctor]") {
  const std::string bob = with_app_user("{ user: bob, password: x }");
  const std::string listed =
      edited(edited(good(), kAppUsers, bob), kAuthUsers, edited(kAuthUsers, " ]", ", bob ]"));
  CHECK(checks_in(diagnose(listed, own(), kNewest)) == std::vector{Check::static_user_let_by});
  const std::string only_auth =
      edited(edited(good(), kAppUsers, bob), "xkey:", "allowed_accounts: [ AUTH, SYS ]\n    xkey:");
  CHECK(checks_in(diagnose(only_auth, own(), kNewest)) == std::vector{Check::static_user_let_by});
  const std::string global =
      edited(edited(good(), "timeout: 5", "timeout: 5, users: [ { user: bob, password: x } ]"),
             "xkey:", "allowed_accounts: [ AUTH, SYS ]\n    xkey:");
  CHECK(checks_in(diagnose(global, own(), kNewest)) == std::vector{Check::static_user_delegated});
}

TEST_CASE("doctor: no finding shows what may be a secret", "[doctor]") {
  const std::string seed{"SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"};
  const std::string token = "a-token-of-old";
  const std::string password = "wonderland";
  std::string text =
      edited(good(), kAuthUsers, edited(kAuthUsers, " ]", ", " + seed + ", " + token + " ]"));
  text = edited(text, kAppUsers,
                with_app_user("{ user: bob, password: " + password + " }, { nkey: " + seed +
                              " }, { user: " + seed + ", password: " + password + " }"));
  text = edited(text, "issuer: " + kIssuer, "issuer: " + seed);
  text = edited(text, "xkey: " + kXkey, "xkey: " + seed);
  text = edited(text, "timeout: 5", "timeout: " + password + ", token: " + token);
  text += "no_auth_user: " + token + "\n";
  const Diagnosis found = diagnose(text, own(), std::nullopt);
  CHECK(found.findings.size() > 6);
  for (const auto& finding : found.findings) {
    const std::string said = finding.what + finding.remedy + finding.at.file;
    CAPTURE(said);
    for (const std::string& secret : {seed, token, password})
      CHECK(said.find(secret) == std::string::npos);
  }
}

TEST_CASE("doctor: a finding names the line, and errors come first", "[doctor]") {
  const std::string text =
      edited(edited(good(), "timeout: 5", "timeout: 1"), "issuer: " + kIssuer, "issuer: x");
  const Diagnosis found = diagnose(text, own(), std::nullopt);
  REQUIRE(found.findings.size() == 2);
  CHECK(found.findings.at(0).check_id == Check::issuer_mismatch);
  const auto line_of = [&](const std::string& word) {
    return static_cast<std::size_t>(
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find(word)),
                       '\n'));
  };
  CHECK(found.findings.at(0).at.file == "nats-server.conf");
  CHECK(found.findings.at(0).at.line == line_of("issuer: x"));
  CHECK(found.findings.at(1).at.line == line_of("timeout: 1"));
}
