#pragma once
// Where a page ends, as told to a caller. For whoever answers for one account it is sealed: the ids
// and numbers of other accounts that were passed over are not that caller's to know.

#include <string>
#include <string_view>

#include "gateway/admin/operations/context.h"

namespace gateway::operations {

// `at` as it is, or sealed. Of an empty `at`, which is the end, an empty one.
std::string write_cursor(const OperationContext& context, std::string_view operation,
                         const std::string& at);
// Throws OperationError (usage) for one of another operation, account or store.
std::string read_cursor(const OperationContext& context, std::string_view operation,
                        const std::string& cursor);

}  // namespace gateway::operations
