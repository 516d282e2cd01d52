#pragma once
// Known vulnerabilities of nats-server: a table, a row for each.
// Source: advisories.nats.io, and nats-server's own history for those without an advisory.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/doctor/finding.h"
#include "gateway/doctor/server_settings.h"
#include "gateway/doctor/server_version.h"

namespace gateway {

struct Advisory {
  std::string_view id;                   // of CVE, GHSA or Go; else nats-server's commit or report
  std::string_view what;                 // what it lets somebody do
  std::span<const ServerVersion> fixed;  // as affected() takes it
  bool (*concerns)(const ServerConf& server);  // whether a configuration is exposed to it
  Check check_id = Check::known_advisories;    // the check that reports it
};

// All of them, in the order of their fixes.
std::span<const Advisory> advisories();

// The row with this id, which must exist.
const Advisory& advisory(std::string_view id);

// Those of Check::known_advisories that this version has and this configuration is exposed to.
std::vector<const Advisory*> find_advisories(const ServerVersion& version,
                                             const ServerConf& server);

// Names, from the table, the releases that have the fixes of all rows: of the version's own line if
// it has such a release, and of newer lines. If its own line has none, says so for each of `found`.
std::string upgrade_advice(const ServerVersion& version, const std::vector<const Advisory*>& found);

}  // namespace gateway
