#pragma once
// Tab completion for zsh, with the same offers as completion.cc makes in bash.

#include <string>
#include <vector>

#include "gateway/cli/command.h"

namespace gateway::cli {

// A script: for a directory of $fpath as _credgate, or to be sourced. `known` as App::known() gives
// it.
std::string zsh_completion(const std::vector<App::Known>& known);

}  // namespace gateway::cli
