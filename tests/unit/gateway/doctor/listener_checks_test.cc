#include "tests/support/doctor_world.h"

using namespace doctor_world;  // NOLINT(google-build-using-namespace): it is these tests' own
using gateway::Finding;

namespace {

Finding finding_of(const Diagnosis& found, Check check_id) {
  const auto at = std::ranges::find(found.findings, check_id, &Finding::check_id);
  REQUIRE(at != found.findings.end());
  return *at;
}

bool has(const Diagnosis& found, Check check_id) {
  return std::ranges::find(found.findings, check_id, &Finding::check_id) != found.findings.end();
}

}  // namespace

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
