#include "gateway/cli/daemons.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "gateway/admin/operation_error.h"
#include "gateway/monitor/control_socket.h"
#include "gateway/platform/privileges.h"

namespace gateway::cli {

Daemons ask_daemons(const Config& config, const std::string& instance,
                    const nlohmann::json& question) {
  become_owner_of(config.store.directory);
  std::vector<std::filesystem::path> sockets;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{config.run_dir, none}) {
    const auto& path = entry.path();
    if (path.extension() != ".sock") continue;
    if (instance.empty() || path.stem() == instance) sockets.push_back(path);
  }
  std::ranges::sort(sockets);
  Daemons daemons{.run_dir = config.run_dir.string(), .answers = {}, .problems = {}};
  for (const auto& socket : sockets) {
    try {
      daemons.answers.push_back(ask_control(socket, question));
    } catch (const std::runtime_error& fault) {
      daemons.problems.emplace_back(fault.what());
    }
  }
  return daemons;
}

void require_answers(const Daemons& daemons) {
  for (const std::string& problem : daemons.problems)
    std::cerr << "credgate: " << problem << '\n';
  if (!daemons.answers.empty()) return;
  throw OperationError(Code::fault, "no daemon answers in " + daemons.run_dir +
                                        "; start one: systemctl start credgate, or credgate serve");
}

}  // namespace gateway::cli
