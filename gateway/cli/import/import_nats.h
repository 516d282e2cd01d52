#pragma once
// The users of an existing nats-server configuration as lines of an import.

#include <memory>
#include <string>

#include "gateway/cli/import/import_run.h"
#include "gateway/natsconf/users.h"

namespace gateway::cli {

// Reads the file and what it includes. Throws OperationError, and ConfigError for a file that
// nats-server would not take.
std::shared_ptr<const NatsUsers> read_nats_users_of(const std::string& file);

// "nats.conf:7"
std::string where_of(const NatsProblem& problem);

// The source borrows `rules`. Users of the top-level `authorization` get the account of the rules;
// users who could not read the shared inbox get a private one.
ImportSource nats_users(std::shared_ptr<const NatsUsers> users, const ImportRules& rules);

}  // namespace gateway::cli
