#pragma once
// What the daemon answers on its control socket (control_socket.h):
//
//   {"ask":"status"}                           ->  what status.h writes
//   {"ask":"throttle"}                         ->  {"instance","failures":[FAILURES…],"all"}
//   {"ask":"throttle_clear","sources":CIDR?}   ->  {"instance","cleared"}
//
// FAILURES: {"source","login"?,"failures","refused","wait"}, as throttle.h has them, `wait` in
// whole seconds, of which the first kMostFailures are there and `all` says how many there are.
// `login` is empty for a token, and absent where they are those of the whole source.

#include <nlohmann/json.hpp>

namespace gateway {

struct DaemonView;
class Throttle;

inline constexpr std::size_t kMostFailures = 1000;

// Throws std::runtime_error for another question.
nlohmann::ordered_json answer_control(const nlohmann::json& question, const DaemonView& view,
                                      Throttle& throttle);

}  // namespace gateway
