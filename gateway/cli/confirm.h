#pragma once
// Asks a person before something that cannot be undone.

#include <functional>
#include <string>

namespace gateway::cli {

// `what` is what is about to be done: "revoking shop". `show`: prints what it is done to, just
// before the question. No transaction may wait for a person. Throws OperationError: refused, or
// usage where nobody is there to be asked; and what `show` throws.
void confirm(const std::string& what, const std::function<void()>& show = {});

}  // namespace gateway::cli
