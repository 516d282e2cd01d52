#pragma once
// Which daemons and credentials stand in the way of a change of the master keys.

#include <string>

#include "gateway/cli/context.h"

namespace gateway::cli {

// Throws OperationError where credentials are stored under this master key, or where a running
// daemon does not store under the first one: it was not restarted since that was promoted, and
// would store under its own first key again. Else it notes the store's head under the first one.
// Runs in a child process, because root becomes the store's owner when it opens the store, and that
// user may not be allowed to write the configuration.
void require_unused(const Context& context, const std::string& key_id);

// Throws OperationError where a running daemon does not have this master key: it was not restarted
// since that was added, and would refuse whatever is stored under it. Also in a child process.
void require_held(const Context& context, const std::string& key_id);

}  // namespace gateway::cli
