#pragma once
// The users of an existing nats-server configuration, as lines of an import.

#include <string>

#include "gateway/cli/import_run.h"

namespace gateway::cli {

// Reads the file, and what it includes, at once. `rules` must outlive the source. Users of the
// top-level `authorization` get the account of the rules. Throws ConfigError for a file that
// nats-server would not take.
ImportSource nats_users(const std::string& file, const ImportRules& rules);

}  // namespace gateway::cli
