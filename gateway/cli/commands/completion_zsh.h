#pragma once
// Tab completion for zsh, with the same candidates as completion.cc has for bash.

#include <string>
#include <vector>

#include "gateway/cli/command.h"

namespace gateway::cli {

// A script, for a directory of $fpath as _credgate or to be sourced. `known`: from App::known().
std::string zsh_completion(const std::vector<App::Known>& known);

}  // namespace gateway::cli
