#include "gateway/doctor/advisories.h"

#include <set>
#include <sstream>

#include "tests/support/doctor_world.h"

using namespace doctor_world;  // NOLINT(google-build-using-namespace): it is these tests' own
using gateway::advisories;
using gateway::Advisory;
using gateway::advisory;
using gateway::Affected;
using gateway::affected;
using gateway::read_server_version;

namespace {

const std::string kWebsocket = "websocket { listen: \"127.0.0.1:1\" }\n";
const std::string kMqtt = "mqtt { listen: \"127.0.0.1:1\" }\n";
const std::string kLeafnodes = "leafnodes { listen: \"127.0.0.1:1\" }\n";
const std::string kUncompressed = "leafnodes { port: 1, compression: off }\n";
const std::string kOperator = "operator: x.jwt\n";
const std::string kStrangers = "no_auth_user: bob\n";

std::vector<ServerVersion> read_versions(const std::string& text) {
  std::vector<ServerVersion> versions;
  std::istringstream words{text};
  for (std::string word; words >> word;)
    versions.push_back(read_server_version(word).value());
  return versions;
}

// The last version before it: what was released of an older line in between does not matter here.
ServerVersion before(ServerVersion version) {
  if (version[2] > 0) return {version[0], version[1], version[2] - 1};
  return {version[0], version[1] - 1, 0};
}

bool concerns(const Advisory& row, const std::string& text) {
  const auto nothing = [](std::string_view) { return std::nullopt; };
  const auto configuration = gateway::read_nats_config(
      text, "nats-server.conf", {.read_file = nothing, .environment = nothing});
  return row.concerns(read_server_conf(configuration));
}

// Empty `exposed`: what init makes is exposed. Empty `safe`: everything is exposed.
struct Row {
  const char* id;
  const char* fixed;
  std::string exposed;
  std::string safe;
};

const std::vector<Row>& rows() {
  const std::string map = "tls { verify_and_map: true }";
  static const std::string kPlain = good();
  static const std::string kMemoryOnly =
      edited(good(), "jetstream { store_dir: \"/var/lib/nats\" }", "jetstream: disabled");
  static const std::vector<Row> kRows = {
      {"CVE-2025-30215", "2.10.27 2.11.1", "", kMemoryOnly},
      {"GO-2026-4533", "2.11.12 2.12.3", kWebsocket, kPlain + kMqtt},
      {"CVE-2026-27889", "2.11.14 2.12.5", kWebsocket, kPlain + kMqtt},
      {"CVE-2026-29785", "2.11.14 2.12.5", kLeafnodes, kPlain + kUncompressed},
      {"nats-server#7841", "2.12.5 2.14.0", kLeafnodes + kOperator, kPlain + kLeafnodes},
      {"CVE-2026-33215", "2.11.15 2.12.6", kMqtt, kPlain + kWebsocket},
      {"CVE-2026-33216", "2.11.15 2.12.6", kMqtt, kPlain + kWebsocket},
      {"CVE-2026-33217", "2.11.15 2.12.6", kMqtt, kPlain + kWebsocket},
      {"CVE-2026-33218", "2.11.15 2.12.6", kUncompressed, kPlain},
      {"CVE-2026-33219", "2.11.15 2.12.6", kWebsocket, kPlain},
      {"CVE-2026-33222", "2.11.15 2.12.6", "", kMemoryOnly},
      {"CVE-2026-33223", "2.11.15 2.12.6", "", ""},
      {"CVE-2026-33246", "2.11.15 2.12.6", kLeafnodes, kPlain},
      {"CVE-2026-33248", "2.11.15 2.12.6", "websocket { listen: \"127.0.0.1:1\", " + map + " }\n",
       kPlain + "tls { verify: true }\n"},
      {"CVE-2026-33249", "2.11.15 2.12.6", "", ""},
      {"038a56adf", "2.11.16 2.12.7 2.14.0", kLeafnodes, kPlain},
      {"GHSA-38x3-76xf-cq45", "2.11.16 2.12.7 2.14.0", kStrangers + "cluster { port: 1 }\n",
       kPlain + kStrangers},
      {"GHSA-wh7g-5m82-pmhr", "2.11.16 2.12.7 2.14.0", "", ""},
      {"GHSA-jx8g-9g95-6322", "2.11.16 2.12.7 2.14.0", "", ""},
      {"GHSA-3g5q-cfh2-cq67", "2.11.17 2.12.8", kLeafnodes, kPlain + kUncompressed},
      {"GHSA-qrcv-3558-gj4f", "2.12.9 2.14.1", kMqtt, kPlain},
      {"GHSA-g33f-6538-grxh", "2.12.10 2.14.2", kOperator, kPlain},
      {"GHSA-p3j5-5hrq-p75h", "2.12.12 2.14.3", kLeafnodes, kPlain},
      {"CVE-2026-58214", "2.12.12 2.14.3", kMqtt, kPlain},
      {"GHSA-hmmp-q8cx-v964", "2.12.12 2.14.3", "mqtt { no_auth_user: bob }\n", kPlain + kMqtt},
      {"GHSA-r72h-j7qq-v6qg", "2.12.12 2.14.3", kMqtt, kPlain},
      {"GHSA-7qmq-8cc4-hxwg", "2.12.12 2.14.3", kMqtt, kPlain},
      {"GHSA-p957-7v2w-g93g", "2.12.12 2.14.3", kWebsocket, kPlain + kWebsocket + kMqtt},
      {"GHSA-q59r-vq66-pxc2", "2.12.12 2.14.3", "", ""},
      {"ccd898ea8", "2.12.14 2.14.4", "accounts { B { users: [ { user: \"CN=bob\" } ] } }\n",
       edited(kPlain, kAppUsers, with_app_user("{ user: bob, password: x }"))},
      {"2a45fb2e1", "2.12.14 2.14.4", "", ""},
      {"PING before CONNECT", "2.12.14 2.14.4", kStrangers, kPlain},
  };
  return kRows;
}

}  // namespace

TEST_CASE("advisories: each has its versions, and concerns the configurations that it should",
          "[doctor]") {
  for (const Row& row : rows()) {
    CAPTURE(row.id);
    const Advisory& known = advisory(row.id);
    const auto fixed = read_versions(row.fixed);
    CHECK(std::ranges::equal(known.fixed, fixed));
    for (const ServerVersion& version : fixed) {
      CHECK(affected(version, known.fixed) == Affected::no);
      CHECK(affected(before(version), known.fixed) == Affected::yes);
    }
    CHECK(affected(kNewest, known.fixed) == Affected::no);
    CHECK(concerns(known, good() + row.exposed));
    if (!row.safe.empty()) CHECK_FALSE(concerns(known, row.safe));
  }
}

TEST_CASE("advisories: JetStream is off by each way to write it", "[doctor]") {
  struct Row {
    const char* setting;
    bool on;
  };
  const auto row = GENERATE(values<Row>({
      {"jetstream { store_dir: \"/a\" }", true},
      {"jetstream { enabled: true }", true},
      {"jetstream: enabled", true},
      {"jetstream: true", true},
      {"jetstream { enabled: false, store_dir: \"/a\" }", false},
      {"jetstream { enable: off }", false},
      {"jetstream: disabled", false},
      {"jetstream: Disable", false},
      {"jetstream: false", false},
      {"", false},
  }));
  CAPTURE(row.setting);
  const std::string text =
      edited(good(), "jetstream { store_dir: \"/var/lib/nats\" }", row.setting);
  CHECK(concerns(advisory("CVE-2026-33222"), text) == row.on);
}

TEST_CASE("advisories: each has a row here, and each is said to let somebody do something",
          "[doctor]") {
  std::set<std::string_view> tested;
  for (const Row& row : rows())
    tested.insert(row.id);
  for (const Advisory& known : advisories()) {
    CAPTURE(known.id);
    CHECK(tested.contains(known.id));
    CHECK(known.what.size() > 20);
    CHECK(std::ranges::is_sorted(known.fixed));
  }
  CHECK(tested.size() == advisories().size());
}

TEST_CASE("advisories: a release has the fixes of all rows, or the finding says what it lacks",
          "[doctor]") {
  struct Expected {
    ServerVersion version;
    std::string extra;
    std::string remedy;
  };
  const std::string newer = "Run nats-server 2.12.14 or later of 2.12, or 2.14.4 or later.";
  const auto row = GENERATE_COPY(values<Expected>({
      {{2, 10, 27}, "", "No release of 2.10 fixes any of these. " + newer},
      {{2, 11, 14}, "", "No release of 2.11 fixes GHSA-q59r-vq66-pxc2, 2a45fb2e1. " + newer},
      {{2, 11, 17}, "", "No release of 2.11 fixes any of these. " + newer},
      {{2, 11, 17}, kLeafnodes, "No release of 2.11 fixes any of these. " + newer},
      {{2, 12, 0}, "", newer},
      {{2, 12, 13}, "", newer},
      {{2, 14, 0}, "", "Run nats-server 2.14.4 or later."},
      {{2, 14, 3}, "", "Run nats-server 2.14.4 or later."},
  }));
  CAPTURE(gateway::write_server_version(row.version));
  const Diagnosis found = diagnose(good() + row.extra, own(), row.version);
  const auto at =
      std::ranges::find(found.findings, Check::known_advisories, &gateway::Finding::check_id);
  REQUIRE(at != found.findings.end());
  CHECK(at->remedy == row.remedy);
}

TEST_CASE("advisories: the finding names what the version has, and nothing that is fixed in it",
          "[doctor]") {
  const auto said = [](const ServerVersion& version, const std::string& extra) {
    const Diagnosis found = diagnose(good() + extra, own(), version);
    const auto at =
        std::ranges::find(found.findings, Check::known_advisories, &gateway::Finding::check_id);
    return at == found.findings.end() ? std::string() : at->what;
  };
  const std::string all = kMqtt + kLeafnodes;
  CHECK(said({2, 10, 27}, all).find("CVE-2026-33217") != std::string::npos);
  CHECK(said({2, 12, 6}, all).find("CVE-2026-33217") == std::string::npos);
  CHECK(said({2, 12, 6}, all).find("CVE-2026-58214") != std::string::npos);
  CHECK(said({2, 12, 6}, "").find("CVE-2026-58214") == std::string::npos);
  CHECK(said({2, 12, 13}, all).find("2a45fb2e1") != std::string::npos);
  CHECK(said({2, 12, 14}, all).empty());
  CHECK(said({2, 14, 4}, all).empty());
  CHECK(said(kNewest, all).empty());
}
