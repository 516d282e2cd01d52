#pragma once
// What the owner of a new credential needs to connect, ready to copy.

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "gateway/cli/output/client_lines.h"

namespace gateway::cli {

// How the clients of a new credential log in. `made`: the result of `create` or `rotate`. `file`:
// the name of the credentials file, if there is one.
Login login_of(const nlohmann::ordered_json& made, const std::string& file);

// The id and the secret. `what`: the first line.
std::string secret_text(const std::string& what, const nlohmann::ordered_json& made);

// The lines of each client. With `program`, the snippet of that client instead, where it has one.
std::string connect_text(const nlohmann::ordered_json& made, const Login& login,
                         const Servers& servers, std::optional<Client> program);

}  // namespace gateway::cli
