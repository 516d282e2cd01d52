#include "gateway/cli/daemons.h"

#include <algorithm>
#include <filesystem>
#include <future>
#include <iostream>
#include <stdexcept>
#include <system_error>

#include <sys/stat.h>

#include "auth/base/text.h"
#include "gateway/admin/operation_error.h"
#include "gateway/platform/privileges.h"

namespace gateway::cli {
namespace {

std::string who_may_ask(const std::filesystem::path& run_dir) {
  struct stat s{};
  const bool found = stat(run_dir.c_str(), &s) == 0;
  const std::string user = found ? user_name(s.st_uid) : "the daemon's user";
  return "; only " + (user == "root" ? user : "root and " + user) +
         " may ask the daemons: run this with sudo";
}

}  // namespace

Daemons ask_daemons(const Config& config, const std::string& instance,
                    const nlohmann::json& question, std::chrono::milliseconds patience) {
  become_owner_of(config.store.directory);
  std::vector<std::filesystem::path> sockets;
  std::vector<std::string> others;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{config.run_dir, error}) {
    const auto& path = entry.path();
    if (path.extension() != ".sock") continue;
    if (instance.empty() || path.stem() == instance) {
      sockets.push_back(path);
    } else {
      others.push_back(path.stem().string());
    }
  }
  std::ranges::sort(others);
  std::ranges::sort(sockets);
  Daemons daemons{.run_dir = config.run_dir.string(),
                  .answers = {},
                  .problems = {},
                  .instance = instance,
                  .others = std::move(others)};
  if (error == std::errc::permission_denied)
    daemons.not_permitted = daemons.run_dir + ": " + error.message() + who_may_ask(config.run_dir);
  // At once: several may hang.
  std::vector<std::future<nlohmann::json>> asked;
  asked.reserve(sockets.size());
  for (const auto& socket : sockets)
    asked.push_back(std::async(std::launch::async, ask_control, socket, question, patience));
  for (auto& answer : asked) {
    try {
      daemons.answers.push_back(answer.get());
    } catch (const NotPermitted& refusal) {
      daemons.not_permitted = refusal.what() + who_may_ask(config.run_dir);
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
  if (!daemons.not_permitted.empty()) throw OperationError(Code::fault, daemons.not_permitted);
  if (!daemons.instance.empty() && !daemons.others.empty()) {
    throw OperationError(Code::not_found, "no daemon named " + daemons.instance + " answers in " +
                                              daemons.run_dir +
                                              "; there are: " + auth::join(daemons.others));
  }
  throw OperationError(Code::fault, "no daemon answers in " + daemons.run_dir +
                                        "; start one: systemctl start credgate, or credgate serve");
}

}  // namespace gateway::cli
