#pragma once
// `credgate history --prune BEFORE`.

#include <string>

#include "auth/base/time.h"
#include "gateway/cli/context.h"

namespace gateway::cli {

// A timestamp, or a duration before now. Throws OperationError, which names the option.
auth::Time read_past(const char* option, const std::string& word);

// Removes the journal's entries of before that time, and prints how many and where it begins now.
// Throws OperationError, store::Fault. Can be interrupted at any time: what is removed by then
// stays so, and the rest is still proved.
void prune_history(const Context& context, const std::string& before, bool yes);

}  // namespace gateway::cli
