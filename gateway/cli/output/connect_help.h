#pragma once
// What the owner of a new credential needs to connect, ready to copy.

#include <string>

#include <nlohmann/json.hpp>

namespace gateway::cli {

// `what`: the first line. `made`: the result of `create` or `rotate`. `file`: the name of the
// credentials file, if there is one.
std::string connect_lines(const std::string& what, const nlohmann::ordered_json& made,
                          const std::string& file);

}  // namespace gateway::cli
