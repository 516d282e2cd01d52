#pragma once
// The daemons of this machine, asked over their control sockets.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/config.h"

namespace gateway::cli {

struct Daemons {
  std::vector<nlohmann::json> statuses;  // as status.h writes them, by the instances' names
  std::vector<std::string> problems;     // of sockets behind which nobody answers
};

// As the owner of the store, who the daemons are. `instance`: this one alone; empty: all.
Daemons ask_daemons(const Config& config, const std::string& instance);

}  // namespace gateway::cli
