#pragma once
// Counts the credentials stored under a master key that is to be retired.

#include <cstdint>
#include <string>

#include "gateway/cli/context.h"

namespace gateway::cli {

// How many credentials need this master key. Notes the store's head under the first one. Runs in a
// child process, because root becomes the store's owner when it opens the store, and that user may
// not be allowed to write the configuration. Throws OperationError.
std::uint64_t count_in_use(const Context& context, const std::string& key_id);

}  // namespace gateway::cli
