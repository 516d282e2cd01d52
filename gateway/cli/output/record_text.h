#pragma once
// A credential or a role as `show` prints it.

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace gateway::cli {

// One line, or several that are indented.
void print_field(std::string_view label, const std::string& text);

// As value_text(); a timestamp also with how long ago it was.
std::string field_text(const std::string& field, const nlohmann::ordered_json& value);

// `expanded`: as auth::write_json() of permissions. `origin`: what is said behind an entry of it,
// or nothing.
void print_permissions(const nlohmann::ordered_json& expanded,
                       const std::function<std::string(const std::string&)>& origin);

}  // namespace gateway::cli
