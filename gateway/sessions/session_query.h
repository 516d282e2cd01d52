#pragma once
// Asks the servers for the sessions of credentials, on a connection of its own.

#include <chrono>
#include <map>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "gateway/nats/client.h"
#include "gateway/sessions/session_search.h"

namespace gateway {

class SearchStopped : public std::runtime_error {
 public:
  SearchStopped() : std::runtime_error("the search for sessions was stopped") {}
};

using SessionsByCredential = std::map<std::string, std::vector<ServerSessions>>;

// How long a search may take: to connect to a server, which a server that hangs delays by so much,
// and then.
struct SearchTime {
  std::chrono::milliseconds connecting = kConnectTimeout;
  std::chrono::milliseconds searching = SessionSearch::kMaxDuration;
};

// Connects to the system account, and waits until every server that answers was read to its end, or
// is given up: see session_search.h for what can be missing. Takes a second at least. Those of each
// are sorted by the servers' names, and not empty. Throws NatsError, also where no server answers.
// After a stop it does not begin, and what has begun has two seconds left once it is connected:
// else it throws SearchStopped.
SessionsByCredential find_sessions(const NatsConfig& config, const NatsLogin& login,
                                   const std::set<std::string>& credentials,
                                   const std::stop_token& stop, const SearchTime& time = {});

}  // namespace gateway
