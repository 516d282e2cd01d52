#pragma once
// Errors of an operation in the words of the command line.

#include <string>
#include <string_view>

namespace gateway::cli {

// "session_ttl: must be …" becomes "--session-ttl: must be …", and `not_before` in it becomes
// --not-before. What has no option stays as it is.
std::string in_option_words(std::string_view operation, std::string_view message);

}  // namespace gateway::cli
