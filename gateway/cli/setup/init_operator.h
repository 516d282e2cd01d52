#pragma once
// `credgate init --mode operator`: the servers' accounts are JWTs, and credgate signs the users of
// an account.

#include <string>
#include <vector>

#include "gateway/cli/context.h"

namespace gateway::cli {

struct InitOptions {
  std::string dir;
  std::string mode = "config";
  std::string listen = "127.0.0.1:4222";
  std::string url;             // where clients reach nats-server; empty: where it listens
  std::string server_version;  // of the nats-server; empty: ask the program in PATH
  bool no_admins = false;
  std::vector<std::string> accounts;  // names; for existing accounts, NAME=A…:FILE

  // Operator mode with existing accounts.
  std::vector<std::string> scoped_accounts;  // NAME=A…:FILE
  std::string callout_account;               // NAME=A…:FILE
  std::string system_account;                // NAME=A…
  std::string system_creds;

  // The url of the admins' contexts.
  std::string client_url() const;

  bool has_accounts() const {
    return !scoped_accounts.empty() || !callout_account.empty() || !system_account.empty() ||
           !system_creds.empty();
  }
};

// Creates everything: operator, accounts, and a nats-server.conf with them. Throws OperationError.
void init_operator(const Context& context, const InitOptions& options, const std::string& account);

// For existing accounts, made with nsc for example: creates what is missing, and prints the next
// steps. Throws OperationError, and ConfigError for an invalid key file.
void init_with_accounts(const Context& context, const InitOptions& options);

}  // namespace gateway::cli
