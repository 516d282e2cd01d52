#pragma once
// The daemons of this machine, asked over their control sockets.

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/config/config.h"
#include "gateway/monitor/control_socket.h"

namespace gateway::cli {

struct Daemons {
  std::string run_dir;
  std::vector<nlohmann::json> answers;  // in the order of the instances' names
  std::vector<std::string> problems;    // sockets whose daemon does not answer
  std::string instance{};               // the only one that was asked; empty: all
  std::vector<std::string> others{};    // names of those that were not asked
  std::string not_permitted{};          // why this user may not ask; empty where it may
};

// Asks as the owner of the store, which is also the daemons' user. `instance`: only this one;
// empty: all. `question`: as in control_commands.h. `patience`: with all of them, which are asked
// at once.
Daemons ask_daemons(const Config& config, const std::string& instance,
                    const nlohmann::json& question,
                    std::chrono::milliseconds patience = kControlPatience);

// Prints the problems on standard error; throws OperationError if no daemon answered.
void require_answers(const Daemons& daemons);

}  // namespace gateway::cli
