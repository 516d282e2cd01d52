#pragma once
// Values of a record's fields as people say them.

#include <string>

#include <nlohmann/json.hpp>

namespace gateway::cli {

// "unlimited", "never", "12h", "publish, receive", "none". Control characters are replaced.
std::string value_text(const std::string& field, const nlohmann::ordered_json& value);

// Whether the field says nothing: null, false, an empty string or list. A limit always says
// something: none must not be mistaken for not known.
bool says_nothing(const std::string& field, const nlohmann::ordered_json& value);

}  // namespace gateway::cli
