#include "gateway/doctor/server_version.h"

#include "tests/support/doctor_world.h"

using namespace doctor_world;  // NOLINT(google-build-using-namespace): it is these tests' own
using gateway::Affected;
using gateway::affected;
using gateway::read_server_version;

TEST_CASE(
    "server_version: a timeout with a unit is a problem of old servers, and newer ones take it",
    "[doctor]") {
  const std::string text = edited(good(), "timeout: 5", "timeout: \"5s\"");
  const auto severity = [&](const Version& version) {
    const Diagnosis found = diagnose(text, own(), version);
    const auto at =
        std::ranges::find(found.findings, Check::string_timeout, &gateway::Finding::check_id);
    return at == found.findings.end() ? std::optional<Severity>{} : at->severity;
  };
  CHECK(severity(kOldest) == Severity::error);
  CHECK(severity(ServerVersion{2, 11, 1}) == Severity::error);
  CHECK(severity(std::nullopt) == Severity::warning);
  CHECK(severity(ServerVersion{2, 11, 2}) == std::nullopt);
  const std::string brief = edited(good(), "timeout: 5", "timeout: \"500ms\"");
  CHECK(checks_in(diagnose(brief, own(), kNewest)) == std::vector{Check::short_timeout});
}

TEST_CASE("server_version: a version has the holes that were mended after it", "[doctor]") {
  const auto checks = checks_in(diagnose(good(), own(), kOldest));
  CHECK(checks ==
        std::vector{Check::known_advisories, Check::forged_headers, Check::unchecked_signer});
  const std::string leaf = good() + "leafnodes { listen: \"127.0.0.1:7422\" }\n";
  CHECK(checks_in(diagnose(leaf, own(), kOldest)) ==
        std::vector{Check::leafnode_publish, Check::leafnodes_not_listed, Check::known_advisories,
                    Check::forged_headers, Check::unchecked_signer});
  CHECK(checks_in(diagnose(leaf, own(), kNewest)) == std::vector{Check::leafnode_publish});
}

TEST_CASE("server_version: what a version does not know yet is an error there", "[doctor]") {
  const std::string text = edited(good(), "xkey:", "allowed_accounts: [ AUTH, APP, SYS ]\n xkey:");
  CHECK(checks_in(diagnose(text, own(), kOldest)).front() == Check::needs_newer_server);
  CHECK(diagnose(text, own(), kNewest).findings.empty());
  CHECK(checks_in(diagnose(good(), own(), ServerVersion{2, 9, 10})).front() ==
        Check::needs_newer_server);
  const std::string proxy = good() + "proxy_protocol: true\n";
  CHECK(checks_in(diagnose(proxy, own(), ServerVersion{2, 12, 1})).front() ==
        Check::needs_newer_server);
  CHECK(checks_in(diagnose(proxy, own(), ServerVersion{2, 12, 2})).front() ==
        Check::proxy_protocol);
}

TEST_CASE("server_version: versions are read as nats-server writes them", "[doctor]") {
  CHECK(read_server_version("2.10.27") == kOldest);
  CHECK(read_server_version("v2.15.1-RC.1") == kNewest);
  for (const char* bad : {"", "2", "2.10", "2.10.", "2.10.x", "2.10.27.1", "x2.10.27", "2..10"}) {
    CAPTURE(bad);
    CHECK(!read_server_version(bad));
  }
}

TEST_CASE("server_version: a hole is mended in its branch, and in all that came after the last",
          "[doctor]") {
  struct Row {
    Version version;
    Affected affected;
  };
  const auto row = GENERATE(values<Row>({
      {std::nullopt, Affected::unknown},
      {ServerVersion{2, 10, 99}, Affected::yes},
      {ServerVersion{2, 11, 15}, Affected::yes},
      {ServerVersion{2, 11, 16}, Affected::no},
      {ServerVersion{2, 12, 6}, Affected::yes},
      {ServerVersion{2, 12, 7}, Affected::no},
      {ServerVersion{2, 13, 9}, Affected::yes},
      {ServerVersion{2, 14, 0}, Affected::no},
      {ServerVersion{3, 0, 0}, Affected::no},
  }));
  CHECK(affected(row.version, {{2, 11, 16}, {2, 12, 7}, {2, 14, 0}}) == row.affected);
}
