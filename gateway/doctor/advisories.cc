#include "gateway/doctor/advisories.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace gateway {
namespace {

bool always(const ServerConf& /*server*/) {
  return true;
}
bool jetstream(const ServerConf& server) {
  return server.jetstream;
}
bool mqtt(const ServerConf& server) {
  return server.listening("mqtt") != nullptr;
}
bool websocket(const ServerConf& server) {
  return server.listening("websocket") != nullptr;
}
bool websocket_alone(const ServerConf& server) {
  return websocket(server) && !mqtt(server) && server.jetstream;
}
bool leafnodes(const ServerConf& server) {
  return server.listening("leafnodes") != nullptr;
}
bool compressed_leafnodes(const ServerConf& server) {
  return leafnodes(server) && !server.listening("leafnodes")->compression_off;
}
bool operator_mode(const ServerConf& server) {
  return server.operator_mode.has_value();
}
bool leafnodes_of_operator(const ServerConf& server) {
  return leafnodes(server) && operator_mode(server);
}
bool no_auth_user(const ServerConf& server) {
  return !server.no_auth_users.empty();
}
bool no_auth_user_beside_servers(const ServerConf& server) {
  return no_auth_user(server) && (leafnodes(server) || server.routes);
}
bool certificate_names(const ServerConf& server) {
  return server.verify_and_map ||
         std::ranges::any_of(server.listeners, &ServerListener::verify_and_map);
}
bool users_without_password(const ServerConf& server) {
  return std::ranges::any_of(server.users, [](const ServerUser& user) {
    return !user.is_nkey && !user.name.empty() && user.password == nullptr;
  });
}

// The first releases without it, of each line that has one; named after the first of them.
constexpr auto kIn21027 = std::to_array<ServerVersion>({{2, 10, 27}, {2, 11, 1}});
constexpr auto kIn21112 = std::to_array<ServerVersion>({{2, 11, 12}, {2, 12, 3}});
constexpr auto kIn21114 = std::to_array<ServerVersion>({{2, 11, 14}, {2, 12, 5}});
constexpr auto kIn2125 = std::to_array<ServerVersion>({{2, 12, 5}, {2, 14, 0}});
constexpr auto kIn21115 = std::to_array<ServerVersion>({{2, 11, 15}, {2, 12, 6}});
constexpr auto kIn21116 = std::to_array<ServerVersion>({{2, 11, 16}, {2, 12, 7}, {2, 14, 0}});
constexpr auto kIn21117 = std::to_array<ServerVersion>({{2, 11, 17}, {2, 12, 8}});
constexpr auto kIn2129 = std::to_array<ServerVersion>({{2, 12, 9}, {2, 14, 1}});
constexpr auto kIn21210 = std::to_array<ServerVersion>({{2, 12, 10}, {2, 14, 2}});
constexpr auto kIn21212 = std::to_array<ServerVersion>({{2, 12, 12}, {2, 14, 3}});
constexpr auto kIn21214 = std::to_array<ServerVersion>({{2, 12, 14}, {2, 14, 4}});

// Not in the table: what no configuration file shows (CVE-2026-33247, of secrets on the server's
// command line), and what was fixed before 2.10, which is the first version with callouts.
constexpr auto kTable = std::to_array<Advisory>({
    {"CVE-2025-30215", "who manages streams in one account can change those of others", kIn21027,
     jetstream},
    {"GO-2026-4533", "a compressed WebSocket message exhausts the memory before authentication",
     kIn21112, websocket},
    {"CVE-2026-27889", "a WebSocket frame crashes the server before authentication", kIn21114,
     websocket},
    {"CVE-2026-29785", "a leafnode crashes the server before authentication, by its compression",
     kIn21114, compressed_leafnodes},
    {"nats-server#7841", "a leafnode with a JWT that is not its seed's crashes the server", kIn2125,
     leafnodes_of_operator},
    {"CVE-2026-33215", "an MQTT client takes over sessions and messages by their client id",
     kIn21115, mqtt},
    {"CVE-2026-33216", "monitoring shows MQTT passwords", kIn21115, mqtt},
    {"CVE-2026-33217", "an MQTT client bypasses its permissions below $MQTT.", kIn21115, mqtt},
    {"CVE-2026-33218", "a leafnode's message crashes the server before authentication", kIn21115,
     leafnodes},
    {"CVE-2026-33219", "a WebSocket client exhausts the memory before authentication", kIn21115,
     websocket},
    {"CVE-2026-33222", "who may restore one stream can restore others", kIn21115, jetstream},
    {"CVE-2026-33223", "a client forges the header Nats-Request-Info", kIn21115, always,
     Check::forged_headers},
    {"CVE-2026-33246", "a leafnode forges the sender in Nats-Request-Info", kIn21115, leafnodes},
    {"CVE-2026-33248", "verify_and_map can map a certificate to a wrong user", kIn21115,
     certificate_names},
    {"CVE-2026-33249", "a client has traces sent to subjects where it may not publish", kIn21115,
     always},
    {"038a56adf", "a leafnode publishes what its permissions do not allow", kIn21116, leafnodes,
     Check::leafnode_publish},
    {"GHSA-38x3-76xf-cq45",
     "with no_auth_user, routes and leafnodes connect without authentication", kIn21116,
     no_auth_user_beside_servers},
    {"GHSA-wh7g-5m82-pmhr", "a wildcard subscription that overlaps a deny receives what is denied",
     kIn21116, always},
    {"GHSA-jx8g-9g95-6322", "a queue subscription bypasses a deny", kIn21116, always},
    {"GHSA-3g5q-cfh2-cq67", "a leafnode crashes the server before authentication, by a second INFO",
     kIn21117, compressed_leafnodes},
    {"GHSA-qrcv-3558-gj4f", "an MQTT subscription injects NATS protocol into routes and leafnodes",
     kIn2129, mqtt},
    {"GHSA-g33f-6538-grxh", "a client crashes the server before authentication, by its JWT",
     kIn21210, operator_mode},
    {"GHSA-p3j5-5hrq-p75h", "a leafnode has traces sent to subjects where it may not publish",
     kIn21212, leafnodes},
    {"CVE-2026-58214", "an MQTT client subscribes below $MQTT.deliver.pubrel", kIn21212, mqtt},
    {"GHSA-hmmp-q8cx-v964", "no_auth_user is let in over connection types that are not its own",
     kIn21212, no_auth_user},
    {"GHSA-r72h-j7qq-v6qg", "an MQTT client exhausts the memory before authentication", kIn21212,
     mqtt},
    {"GHSA-7qmq-8cc4-hxwg", "retained and repeated MQTT messages bypass a subscribe deny", kIn21212,
     mqtt},
    {"GHSA-p957-7v2w-g93g",
     "a WebSocket client crashes a server without MQTT before authentication", kIn21212,
     websocket_alone},
    {"GHSA-q59r-vq66-pxc2", "who may ask for its account's connections can crash the server",
     kIn21212, always},
    {"ccd898ea8", "a user who logs in by certificate alone can be logged into by name", kIn21214,
     users_without_password},
    {"2a45fb2e1", "denies with queue names can be bypassed", kIn21214, always},
    {"PING before CONNECT", "a client becomes no_auth_user without a callout", kIn21214,
     no_auth_user, Check::no_auth_user},
});

using Line = std::array<unsigned, 2>;  // {2, 12}

Line line_of(const ServerVersion& version) {
  return {version[0], version[1]};
}

std::string write_line(const Line& line) {
  return std::to_string(line[0]) + "." + std::to_string(line[1]);
}

// The first release of the line without it. Absent if every release has it.
std::optional<ServerVersion> first_fixed(const Advisory& row, const Line& line) {
  const auto fix = std::ranges::find(row.fixed, line, line_of);
  if (fix != row.fixed.end()) return *fix;
  const ServerVersion first{line[0], line[1], 0};
  if (affected(first, row.fixed) == Affected::no) return first;
  return std::nullopt;
}

// The first release of the line without any row of the table.
std::optional<ServerVersion> first_whole(const Line& line) {
  ServerVersion release{line[0], line[1], 0};
  for (const Advisory& row : kTable) {
    const auto fix = first_fixed(row, line);
    if (!fix) return std::nullopt;
    release = std::max(release, *fix);
  }
  return release;
}

std::set<Line> lines_of_table() {
  std::set<Line> lines;
  for (const Advisory& row : kTable) {
    for (const ServerVersion& fix : row.fixed)
      lines.insert(line_of(fix));
  }
  return lines;
}

// Empty if each of `found` is fixed in the line.
std::string name_unfixed(const Line& line, const std::vector<const Advisory*>& found) {
  std::string ids;
  std::size_t count = 0;
  for (const Advisory* row : found) {
    if (first_fixed(*row, line)) continue;
    ids += (count++ == 0 ? "" : ", ") + std::string(row->id);
  }
  if (count == 0) return "";
  return "No release of " + write_line(line) + " fixes " +
         (count == found.size() && count > 1 ? "any of these" : ids) + ". ";
}

}  // namespace

std::span<const Advisory> advisories() {
  return kTable;
}

const Advisory& advisory(std::string_view id) {
  return *std::ranges::find(kTable, id, &Advisory::id);
}

std::vector<const Advisory*> find_advisories(const ServerVersion& version,
                                             const ServerConf& server) {
  std::vector<const Advisory*> found;
  for (const Advisory& row : kTable) {
    if (row.check_id != Check::known_advisories) continue;
    if (affected(version, row.fixed) == Affected::yes && row.concerns(server))
      found.push_back(&row);
  }
  return found;
}

std::string upgrade_advice(const ServerVersion& version,
                           const std::vector<const Advisory*>& found) {
  const Line own = line_of(version);
  std::vector<ServerVersion> releases;
  for (const Line& line : lines_of_table()) {
    const auto release = line >= own ? first_whole(line) : std::nullopt;
    if (release) releases.push_back(*release);
  }
  std::string advice = name_unfixed(own, found) + "Run nats-server ";
  for (const ServerVersion& release : releases) {
    advice += write_server_version(release) + " or later";
    advice += release == releases.back() ? "." : " of " + write_line(line_of(release)) + ", or ";
  }
  return advice;
}

}  // namespace gateway
