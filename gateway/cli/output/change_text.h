#pragma once
// Changes of a record's fields as people read them.

#include <string>

#include <nlohmann/json.hpp>

namespace gateway::cli {

// `change`: as `history --json` has it. "subjects: a → a, b", or of a long list what was "added"
// and "removed".
std::string change_text(const std::string& field, const nlohmann::ordered_json& change);

// `fields`: of what was created. What it has: "kind: key; subjects: a, b".
std::string creation_text(const nlohmann::ordered_json& fields);

}  // namespace gateway::cli
