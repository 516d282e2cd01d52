#pragma once
// The commands of the daemon's control socket (control_socket.h):
//
//   {"ask":"status"}                           ->  what status.h writes
//   {"ask":"throttle"}                         ->  {"instance","failures":[FAILURES…],"all"}
//   {"ask":"throttle_clear","sources":CIDR?}   ->  {"instance","cleared"}
//   {"ask":"closing","credential":ID,"sequence":N}
//                      ->  {"instance","system","connected","done","settled","closed","open",
//                          "unanswered":[{"server","seconds","sessions"}…]}
//
// FAILURES: {"source","login"?,"failures","refused","wait"}, as in throttle.h, `wait` in whole
// seconds. At most kMaxFailures are included; `all` is their total number. `login` is empty for a
// token, and absent for the whole source.
//
// `closing`: as SessionEnforcer::closing(); `system` is false for a daemon that closes nothing.

#include <nlohmann/json.hpp>

namespace gateway {

struct DaemonView;
class Throttle;

inline constexpr std::size_t kMaxFailures = 1000;

// Throws std::runtime_error for an unknown command.
nlohmann::ordered_json answer_control(const nlohmann::json& question, const DaemonView& view,
                                      Throttle& throttle);

}  // namespace gateway
