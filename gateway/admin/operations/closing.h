#pragma once
// What the result of a change says of the sessions that it closes.

#include <optional>
#include <string>

#include "gateway/admin/operations/context.h"
#include "gateway/sessions/closing.h"

namespace gateway {

// {"done","closed","open","why"?}: `open` is null where nobody knows; `why` it is not done, in
// words.
OrderedJson write_closing(std::uint64_t closed, std::optional<std::uint64_t> open,
                          const std::string& why);
OrderedJson write_closing(const ClosingReport& report);

}  // namespace gateway
