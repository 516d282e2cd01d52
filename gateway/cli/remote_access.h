#pragma once
// How a command reaches a gateway over NATS: what its options, or a context file of the nats CLI,
// say.

#include <string>
#include <vector>

#include "auth/base/secret.h"
#include "gateway/cli/context.h"

namespace gateway::cli {

struct Access {
  RemoteOptions options;               // with what the context file adds
  std::vector<std::string> servers{};  // as read_server_urls() gives them
  std::string password{};
  std::string token{};     // only from a context file
  bool tls_first = false;  // likewise
};

// Options win over the context file (nats_context.h). Paths in that file are relative to it, and
// `~/` is $HOME.
// Throws OperationError: usage for options that contradict each other or are missing; configuration
// for a file with a secret that other users can read or write, as for key files; fault.
Access read_access(const RemoteOptions& options);

// The credentials file if it is a sentinel as `init` makes it: its user JWT is a bearer JWT that
// allows nothing. Those of a user are its secret. Empty if it is none, or cannot be read.
auth::SecretText read_sentinel(const std::string& file);

// The whole file, whose secret other users may not read or write. Throws OperationError
// (configuration, fault), which names `option`.
std::string read_secret_file(const std::string& option, const std::string& file);

}  // namespace gateway::cli
