#pragma once
// Reads a nats-server configuration file with its includes.

#include <string>

#include "gateway/natsconf/parser.h"

namespace gateway::cli {

// Throws OperationError if it cannot be read, and ConfigError for a file that nats-server would
// refuse.
NatsValue read_nats_config_file(const std::string& file);

}  // namespace gateway::cli
