#pragma once
// What is still kept under a master key that is to be retired.

#include <cstdint>
#include <string>

#include "gateway/cli/context.h"

namespace gateway::cli {

// How many credentials need this master key. Counted in a process of its own: opening the store,
// root becomes its owner, who may not be allowed to write the configuration. Throws OperationError.
std::uint64_t count_in_use(const Context& context, const std::string& key_id);

}  // namespace gateway::cli
