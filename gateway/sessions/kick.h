#pragma once
// Closing one session of one server, as the server is asked for it and answers.
// Source: nats-server `events.go` (kickClient), `server.go` (DisconnectClientByID).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

std::string kick_of(std::string_view server_id);
std::string write_kick_request(std::uint64_t cid);

struct KickReply {
  bool kicked = false;
  bool unknown = false;  // the server does not have the session
  std::string error;     // its words; empty where it has none
};
// Absent for anything else.
std::optional<KickReply> read_kick_reply(std::string_view text);

}  // namespace gateway
