#pragma once
// The daemons of this machine, asked over their control sockets.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/config/config.h"

namespace gateway::cli {

struct Daemons {
  std::string run_dir;
  std::vector<nlohmann::json> answers;  // by the instances' names
  std::vector<std::string> problems;    // of sockets behind which nobody answers
};

// As the owner of the store, who the daemons are. `instance`: this one alone; empty: all.
// `question`: of control_commands.h.
Daemons ask_daemons(const Config& config, const std::string& instance,
                    const nlohmann::json& question);

// Tells the problems, on standard error; throws OperationError where nobody has answered.
void require_answers(const Daemons& daemons);

}  // namespace gateway::cli
