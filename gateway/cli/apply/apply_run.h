#pragma once
// Makes a plan so, in short transactions between which others may write.

#include <string>
#include <vector>

#include "gateway/cli/apply/plan.h"
#include "gateway/cli/context.h"
#include "gateway/cli/output/secret_output.h"

namespace gateway::cli {

struct Applied {
  std::uint64_t created = 0;
  std::uint64_t updated = 0;
  std::uint64_t revoked = 0;
  std::uint64_t roles = 0;              // created, updated and deleted
  std::vector<ImportFault> conflicts;   // what was not made, as somebody changed it meanwhile
  std::vector<ClosingRequest> closing;  // the sessions that end with it
};

// Makes the secrets that no line has and writes them, a JSON object a line, before any credential
// is: none can be lost. Throws OperationError, ConfigError.
void make_secrets(Plan& plan, const OperationContext& context, SecretFile& out);

// Revokes, then creates and updates roles, then updates and creates credentials, then deletes
// roles: the name of who is revoked is free, and a role is there before it is given. What somebody
// changed since the plan is a conflict, and the rest is made. Throws store::Fault with `done` as
// far as it came.
void run_plan(Plan& plan, Local& local, const std::string& reason, Applied& done);

}  // namespace gateway::cli
