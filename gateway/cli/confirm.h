#pragma once
// Asks a person before something that cannot be undone.

#include <string>

namespace gateway::cli {

// `what` is what is about to be done: "revoking shop". Called before the store is opened: no
// transaction may wait for a person. Throws OperationError: refused, or usage where nobody is there
// to be asked.
void confirm(const std::string& what);

}  // namespace gateway::cli
