#pragma once
// A whole program, or command, that logs in with a credential, says where it is connected, and
// ends.

#include <string>

#include "gateway/cli/output/client_lines.h"

namespace gateway::cli {

// Holds no secret: those that have a variable (secret_variable()) are read from it. Empty where the
// client has no lines.
std::string snippet(Client client, const Login& login, const Servers& servers);

}  // namespace gateway::cli
