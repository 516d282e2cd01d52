#pragma once
// A nats-server configuration as it lies on this machine, with what it includes.

#include <string>

#include "gateway/natsconf/parser.h"

namespace gateway::cli {

// Throws OperationError where it cannot be read, and ConfigError for a file that nats-server would
// not take.
NatsValue read_nats_config_file(const std::string& file);

}  // namespace gateway::cli
