#pragma once
// Asks the servers for the sessions of credentials, on a connection of its own.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "gateway/nats/client.h"
#include "gateway/sessions/session_search.h"

namespace gateway {

using SessionsByCredential = std::map<std::string, std::vector<ServerSessions>>;

// Connects to the system account, and waits until every server that answers was read to its end, or
// is given up: see session_search.h for what can be missing. Takes a second at least, and ten at
// most after connecting, for however many credentials. Those of each are sorted by the servers'
// names, and not empty. Throws NatsError, also where no server answers.
SessionsByCredential find_sessions(const NatsConfig& config, const NatsLogin& login,
                                   const std::set<std::string>& credentials);

}  // namespace gateway
