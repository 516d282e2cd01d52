#pragma once
// Asks the servers for a credential's sessions, on a connection of its own.

#include <string>
#include <vector>

#include "gateway/nats/client.h"
#include "gateway/sessions/session_search.h"

namespace gateway {

// Connects to the system account, and waits until every server that answers was read to its end, or
// is given up: see session_search.h for what can be missing. Takes a second at least, and ten at
// most after connecting. Sorted by the servers' names, and not empty. Throws NatsError, also where
// no server answers.
std::vector<ServerSessions> find_sessions(const NatsConfig& config, const NatsLogin& login,
                                          const std::string& credential);

}  // namespace gateway
