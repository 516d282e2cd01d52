#pragma once
// What the result of a change says of the sessions that it closes.

#include <optional>
#include <string>
#include <vector>

#include "gateway/admin/operations/context.h"
#include "gateway/sessions/closing.h"

namespace gateway {

// {"done","closed","open","why"?}: `open` is null where nobody knows; `why` it is not done, in
// words.
OrderedJson write_closing(std::uint64_t closed, std::optional<std::uint64_t> open,
                          const std::string& why);
// [{"server","seconds","sessions"}], `sessions` being those that are known there.
OrderedJson write_unanswered(const std::vector<SilentServer>& silent);
// With these as `unanswered`, where there are any.
OrderedJson write_closing(const ClosingReport& report);
// The same, of which it has closed nothing where it changed nothing.
OrderedJson write_closing(const ClosingRequest& request, ClosingReport report);

}  // namespace gateway
