#pragma once
// `credgate init --mode operator`: the servers' accounts are JWTs, and credgate grants a user of an
// account by signing for it.

#include <string>
#include <vector>

#include "gateway/cli/context.h"

namespace gateway::cli {

struct InitOptions {
  std::string dir;
  std::string mode = "config";
  std::string listen = "127.0.0.1:4222";
  std::vector<std::string> accounts;  // names
};

// Makes everything: operator, accounts, and a nats-server.conf that has them. Throws Failure.
void init_operator(const Context& context, const InitOptions& options, const std::string& account);

}  // namespace gateway::cli
