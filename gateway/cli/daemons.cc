#include "gateway/cli/daemons.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "gateway/control.h"
#include "gateway/owner.h"

namespace gateway::cli {

Daemons ask_daemons(const Config& config, const std::string& instance) {
  become_owner_of(config.store.directory);
  std::vector<std::filesystem::path> sockets;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{config.run_dir, none}) {
    const auto& path = entry.path();
    if (path.extension() != ".sock") continue;
    if (instance.empty() || path.stem() == instance) sockets.push_back(path);
  }
  std::ranges::sort(sockets);
  Daemons daemons;
  for (const auto& socket : sockets) {
    try {
      daemons.statuses.push_back(ask_control(socket, "status"));
    } catch (const std::runtime_error& fault) {
      daemons.problems.emplace_back(fault.what());
    }
  }
  return daemons;
}

}  // namespace gateway::cli
