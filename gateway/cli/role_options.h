#pragma once
// `update --role` and `--no-role`. What they come to depends on the roles that the credential has.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/cli/command.h"
#include "gateway/cli/context.h"

namespace gateway::cli {

class RoleOptions {
 public:
  // This object must outlive the command.
  void add(Command& command);
  bool given() const { return !added_.empty() || !removed_.empty(); }

  // Sends `body`, an update, with what becomes of the roles that the credential has. Where somebody
  // else changes it meanwhile, reads it again, unless the body names a revision. Throws as ask(),
  // and OperationError (usage) for options that contradict each other or the credential.
  nlohmann::ordered_json update(const Context& context, const std::string& account,
                                nlohmann::json body) const;

 private:
  std::vector<std::string> changed(const nlohmann::ordered_json& credential) const;

  std::vector<std::string> added_;
  std::vector<std::string> removed_;
};

}  // namespace gateway::cli
