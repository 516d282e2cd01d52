#include "gateway/sessions/kick.h"

#include "auth/base/json.h"

namespace gateway {

std::string kick_of(std::string_view server_id) {
  return "$SYS.REQ.SERVER." + std::string(server_id) + ".KICK";
}

std::string write_kick_request(std::uint64_t cid) {
  return auth::Json{{"cid", cid}}.dump();
}

// A reply without `error` is success. The server has no code for an unknown session: it is told by
// its words, and where they change, the session is kicked again and again.
std::optional<KickReply> read_kick_reply(std::string_view text) {
  const auto json = auth::read_json_object(text);
  if (!json) return std::nullopt;
  if (!json->contains("error")) return KickReply{.kicked = true, .unknown = false, .error = {}};
  const std::string error = auth::string_at(auth::member(*json, "error"), "description");
  return KickReply{.kicked = false, .unknown = error.starts_with("no such client"), .error = error};
}

}  // namespace gateway
