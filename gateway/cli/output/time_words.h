#pragma once
// Timestamps as people say them.

#include <string>
#include <string_view>

#include "auth/base/time.h"

namespace gateway::cli {

// "in 29 d", "5 min ago", "just now"; whole units, rounded down.
std::string time_in_words(auth::Time at, auth::Time now);

// Of an RFC 3339 timestamp; any other text is returned as it is.
std::string time_in_words(std::string_view text, auth::Time now);

}  // namespace gateway::cli
