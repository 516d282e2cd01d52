#include "tests/support/doctor_world.h"

using namespace doctor_world;  // NOLINT(google-build-using-namespace): it is these tests' own
using gateway::Finding;
using gateway::LeafnodeNames;

namespace {

const std::string kBob = "{ user: bob, password: wonderland }";

std::string with_bob() {
  return edited(good(), kAppUsers, with_app_user(kBob));
}

// What the store says of the login that it is asked about: it has bob's.
OwnSide own_with_bob() {
  OwnSide side = own();
  side.store.let_in_as = [](const std::string& user, std::string_view password) {
    return user == "bob" && password == "wonderland" ? std::optional<std::string>("CGBOB \"bob\"")
                                                     : std::nullopt;
  };
  return side;
}

Finding finding_of(const Diagnosis& found, Check check_id) {
  const auto at = std::ranges::find(found.findings, check_id, &Finding::check_id);
  REQUIRE(at != found.findings.end());
  return *at;
}

bool has(const Diagnosis& found, Check check_id) {
  return std::ranges::find(found.findings, check_id, &Finding::check_id) != found.findings.end();
}

}  // namespace

TEST_CASE("listener_checks: a user for strangers is an error in every version and every block",
          "[doctor]") {
  const auto version =
      GENERATE(values<Version>({std::nullopt, kOldest, ServerVersion{2, 12, 13},
                                ServerVersion{2, 12, 14}, ServerVersion{2, 14, 4}, kNewest}));
  const std::string setting = GENERATE(values<const char*>(
      {"no_auth_user: bob", "websocket { no_auth_user: bob }", "mqtt { no_auth_user: bob }"}));
  const bool listed = GENERATE(false, true);
  CAPTURE(setting, listed);
  std::string text = with_bob() + setting + "\n";
  if (listed) text = edited(text, kAuthUsers, edited(kAuthUsers, " ]", ", bob ]"));
  const Diagnosis found = diagnose(text, own(), version);
  CHECK(finding_of(found, Check::no_auth_user).severity == Severity::error);
  for (const Finding& finding : found.findings) {
    CAPTURE(finding.remedy);
    CHECK(finding.remedy.find("Import") == std::string::npos);
    CHECK(finding.remedy.find("credgate import") == std::string::npos);
  }
}

TEST_CASE("listener_checks: strangers are let in where the store has the user's own password",
          "[doctor]") {
  struct Row {
    const char* what;
    std::string text;
    bool let_in;
  };
  const std::string strangers = "no_auth_user: bob\n";
  const auto row = GENERATE_COPY(values<Row>({
      {"the same", with_bob() + strangers, true},
      {"over MQTT", with_bob() + "mqtt { no_auth_user: bob }\n", true},
      {"over WebSocket", with_bob() + "websocket { no_auth_user: bob }\n", true},
      {"of the top-level authorization",
       edited(good(), "timeout: 5", "timeout: 5, users: [ " + kBob + " ]") + strangers, true},
      {"the only one of that",
       edited(good(), "timeout: 5", "timeout: 5, user: bob, pass: wonderland") + strangers, true},
      {"another password", edited(with_bob(), "wonderland", "looking-glass") + strangers, false},
      {"a hash, which is what the server sends",
       edited(with_bob(), "wonderland", "\"$2a$11$abc\"") + strangers, false},
      {"no password", edited(with_bob(), ", password: wonderland", "") + strangers, false},
      {"no user for strangers", with_bob(), false},
      {"a user who is never asked about",
       edited(with_bob(), kAuthUsers, edited(kAuthUsers, " ]", ", bob ]")) + strangers, false},
  }));
  CAPTURE(row.what);
  const Diagnosis found = diagnose(row.text, own_with_bob(), kNewest);
  REQUIRE(has(found, Check::no_auth_user_stored) == row.let_in);
  if (!row.let_in) return;
  const Finding finding = finding_of(found, Check::no_auth_user_stored);
  CHECK(finding.severity == Severity::error);
  CHECK(finding.what.find("CGBOB \"bob\"") != std::string::npos);
  CHECK((finding.what + finding.remedy).find("wonderland") == std::string::npos);
}

TEST_CASE("listener_checks: leafnodes are an error where nothing that they publish is checked",
          "[doctor]") {
  struct Row {
    Version version;
    Severity severity;
  };
  const auto row = GENERATE(values<Row>({
      {std::nullopt, Severity::warning},
      {kOldest, Severity::error},
      {ServerVersion{2, 11, 15}, Severity::error},
      {ServerVersion{2, 11, 16}, Severity::warning},
      {ServerVersion{2, 12, 6}, Severity::error},
      {ServerVersion{2, 12, 7}, Severity::warning},
      {ServerVersion{2, 14, 0}, Severity::warning},
      {kNewest, Severity::warning},
  }));
  const std::string leaf = good() + "leafnodes { listen: \"127.0.0.1:7422\" }\n";
  const Finding finding = finding_of(diagnose(leaf, own(), row.version), Check::leafnode_publish);
  CHECK(finding.severity == row.severity);
  // Newer ones let pass what these two begin.
  const bool newer = row.version && row.severity == Severity::warning;
  CHECK((finding.what.find("$JS.ACK.") != std::string::npos) == newer);
  CHECK((finding.what.find("_R_.") != std::string::npos) == newer);
}

TEST_CASE("listener_checks: leafnodes that credgate is not asked about are not its own",
          "[doctor]") {
  const std::string users =
      good() + "leafnodes { port: 7422, authorization { user: l, password: x } }\n";
  CHECK_FALSE(has(diagnose(users, own(), kOldest), Check::leafnode_publish));
  const std::string remotes =
      good() + "leafnodes { remotes: [ { url: \"nats://127.0.0.1:1\" } ] }\n";
  CHECK_FALSE(has(diagnose(remotes, own(), kOldest), Check::leafnode_publish));
}

TEST_CASE("listener_checks: the credentials that list LEAFNODE are named", "[doctor]") {
  struct Row {
    std::optional<LeafnodeNames> names;
    const char* said;
  };
  const auto row = GENERATE(values<Row>({
      {LeafnodeNames{.count = 0}, "No credential lists LEAFNODE."},
      {LeafnodeNames{.count = 1, .first = {"CG1 \"a\""}}, "What lists LEAFNODE: CG1 \"a\"."},
      {LeafnodeNames{.count = 9, .first = {"CG1 \"a\"", "CG2 \"b\""}},
       "What lists LEAFNODE: CG1 \"a\", CG2 \"b\" and 7 more."},
      {std::nullopt, "_R_."},
  }));
  OwnSide side = own();
  side.store.leafnodes = [&] { return row.names; };
  const std::string leaf = good() + "leafnodes { listen: \"127.0.0.1:7422\" }\n";
  const Finding finding = finding_of(diagnose(leaf, side, kNewest), Check::leafnode_publish);
  CAPTURE(finding.what);
  CHECK(finding.what.ends_with(row.said));
}

TEST_CASE("listener_checks: the store is asked where a finding depends on it, and only there",
          "[doctor]") {
  OwnSide side = own();
  int asked = 0;
  side.store.leafnodes = [&]() -> std::optional<LeafnodeNames> {
    ++asked;
    return std::nullopt;
  };
  side.store.let_in_as = [&](const std::string&, std::string_view) {
    ++asked;
    return std::optional<std::string>{};
  };
  diagnose(with_bob() + "websocket { listen: \"127.0.0.1:1\" }\n", side, kOldest);
  CHECK(asked == 0);
  diagnose(with_bob() + "no_auth_user: bob\nleafnodes { port: 1 }\n", side, kOldest);
  CHECK(asked == 2);
}
