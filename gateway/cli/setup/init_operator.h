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
  bool no_admins = false;
  std::vector<std::string> accounts;  // names; with accounts that are there, NAME=A…:FILE

  // Operator mode with accounts that are there.
  std::vector<std::string> scoped_accounts;  // NAME=A…:FILE
  std::string callout_account;               // NAME=A…:FILE
  std::string system_account;                // NAME=A…
  std::string system_creds;

  bool has_accounts() const {
    return !scoped_accounts.empty() || !callout_account.empty() || !system_account.empty() ||
           !system_creds.empty();
  }
};

// Makes everything: operator, accounts, and a nats-server.conf that has them. Throws
// OperationError.
void init_operator(const Context& context, const InitOptions& options, const std::string& account);

// With accounts that are there, by nsc or another: makes what is missing, and says what their owner
// has to do. Throws OperationError, and ConfigError for a key file that is not what it should be.
void init_with_accounts(const Context& context, const InitOptions& options);

}  // namespace gateway::cli
