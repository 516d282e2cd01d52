#pragma once
// What nats-server tells of each login that it refuses, inside the callout account.
// Source: nats-server `auth.go` (processClientOrLeafAuthentication), `auth_callout.go`, `events.go`
// (sendAccountAuthErrorEvent, DisconnectEventMsg).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/deny.h"

namespace gateway {

inline constexpr const char* kAuthErrorSubject = "$SYS.ACCOUNT.CLIENT.AUTH.ERR";

struct AuthError {
  static constexpr std::size_t kMaxText = 200;  // bytes

  std::string server_id{};  // "N…"
  std::string server_name{};
  std::uint64_t cid = 0;
  std::string source{};  // the client's address
  auth::ServerRefusal why = auth::ServerRefusal::other;
  std::string text{};  // the server's words, on one line; empty for `timeout`
};

// Who refused a login, as the end of an event says. Strangers cause events of the first two as fast
// as they can connect, and as large as they like: they are known without parsing.
enum class RefusedBy : std::uint8_t {
  gateway,  // which has told it itself
  nobody,   // no answer came in time
  server,
};
RefusedBy refused_by(std::string_view event);

// An event with a long name and long tags stays far below this.
inline constexpr std::size_t kMaxAuthErrorBytes = std::size_t{8} << 10;

// Absent for anything else, for what is larger, and for what a gateway refused.
std::optional<AuthError> read_auth_error(std::string_view text);

// What an operator does where every login is refused so.
std::string_view what_to_do(auth::ServerRefusal why);

}  // namespace gateway
