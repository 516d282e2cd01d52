#pragma once
// What a new credential's owner needs to connect, ready to paste.

#include <string>

#include <nlohmann/json.hpp>

namespace gateway::cli {

// `what`: the sentence at the top. `made`: the result of `create` or `rotate`. `file`: where a
// credentials file was or will be put.
std::string connect_lines(const std::string& what, const nlohmann::ordered_json& made,
                          const std::string& file);

}  // namespace gateway::cli
