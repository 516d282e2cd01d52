#pragma once
// What nats-servers say of their connections: when they are asked with CONNZ, and by themselves.
// Source: nats-server `server/monitor.go` (Connz, ConnInfo), `server/events.go` (zReq,
// ConnectEventMsg, DisconnectEventMsg).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/time_format.h"
#include "gateway/nats/session.h"

namespace gateway {

// A server gives this many at once, however many it has.
inline constexpr std::uint64_t kConnzPage = 1024;
inline constexpr const char* kConnzOfAll = "$SYS.REQ.SERVER.PING.CONNZ";
std::string connz_of(std::string_view server_id);

// Of one credential's connections, or where `credential` is empty, of all.
std::string write_connz_request(std::string_view credential, std::uint64_t offset);

struct ConnzEntry {
  std::uint64_t cid = 0;
  std::string credential;  // the user name that the server has of us
  std::string account;     // empty: $G, or that of nobody yet
  std::string address;     // with the port
  std::string type;        // "nats", "websocket", "mqtt", "leafnode"
  std::string name, language, version;
  std::optional<auth::Instant> began;
  std::int64_t in_messages = 0, in_bytes = 0;  // to the server
  std::int64_t out_messages = 0, out_bytes = 0;
  std::int64_t subscriptions = 0;
};

struct Connz {
  std::string server_id;
  std::string server_name;
  std::vector<ConnzEntry> sessions;  // without those that are not credential's
  bool more = false;                 // there may be more than this page holds
  bool names_leafnodes = false;      // servers before 2.11.5 don't
  // Of all on this page, which come in this order; absent where it is empty.
  std::optional<std::uint64_t> first_cid, last_cid;
};

// Before it is let in, a connection is in $G, or, as events have it, in "N/A".
inline bool is_account(std::string_view name) {
  return !name.empty() && name != "$G" && name != "N/A";
}

// Servers name connections that are still being asked about as well, by the user that they claim to
// be; those are in no account. (Nor, for servers before 2.12, is who is in $G.)
inline bool is_let_in(const ConnzEntry& session) {
  return is_account(session.account);
}

// Absent for anything else, an error too: it says nothing of connections.
std::optional<Connz> read_connz(std::string_view text);

// What a server tells by itself: that a connection came or went. Which, says the subject.
struct AccountEvent {
  std::string server_id;
  std::string server_name;
  // Absent where it is not a credential's. `confirmed` by its account: who is in $G may not have
  // been let in.
  std::optional<Session> session;
  bool kicked = false;  // it went because a gateway had it closed
};
// Absent for anything else.
std::optional<AccountEvent> read_account_event(std::string_view text);

// "N…" of `$SYS.SERVER.N….SHUTDOWN`; empty for any other subject. Its body has another form.
std::string_view server_shut_down(std::string_view subject);

}  // namespace gateway
