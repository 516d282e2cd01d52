#pragma once
// Where the clients of a new context connect to, and the sentinel that they show there.

#include <string>
#include <vector>

#include "auth/base/secret.h"
#include "gateway/cli/context.h"

namespace gateway::cli {

struct ContextServers {
  std::vector<std::string> urls;  // as read_server_urls() gives them
  bool tls = false;
  bool asks_for_certificates = false;
  std::string ca_file;              // empty: the system's
  bool configuration_mode = false;  // false over NATS, where only the result tells the mode
  auth::SecretText sentinel;        // a credentials file; empty: none is known,
  std::string why_no_sentinel;      // and why
};

// The servers of the configuration or, over NATS, those that the command itself is connected to.
// Throws ConfigError, and as Remote().
ContextServers context_servers(const Context& context);

}  // namespace gateway::cli
