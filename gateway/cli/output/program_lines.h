#pragma once
// The part of client_lines.h that is about the clients' libraries.

#include "gateway/cli/output/client_lines.h"

namespace gateway::cli {

// These assume that the credential's connection types allow the client.
ClientLines javascript_lines(const Login& login, const Servers& servers);
ClientLines go_lines(const Login& login, const Servers& servers);
ClientLines python_lines(const Login& login, const Servers& servers);
ClientLines c_lines(const Login& login, const Servers& servers);
ClientLines java_lines(const Login& login, const Servers& servers);

// Of a client that cannot show a sentinel beside what it proves itself with.
ClientLines no_sentinel_beside();

}  // namespace gateway::cli
