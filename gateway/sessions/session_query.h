#pragma once
// The live connections of a credential, as every server of the cluster tells them.

#include <string>
#include <vector>

#include "gateway/nats/client.h"
#include "gateway/sessions/connz.h"

namespace gateway {

struct ServerSessions {
  std::string server_name;
  std::vector<ConnzEntry> sessions;
};

// Connects to the system account, asks, and waits until every server that answers has told all.
// Sorted by the servers' names. Throws NatsError.
std::vector<ServerSessions> find_sessions(const NatsConfig& config, const NatsLogin& login,
                                          const std::string& credential);

}  // namespace gateway
