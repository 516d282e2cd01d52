#include "gateway/cli/output/change_text.h"

#include "gateway/cli/output/value_text.h"

namespace gateway::cli {

using Json = nlohmann::ordered_json;

std::string change_text(const std::string& field, const Json& change) {
  if (change.contains("added")) {
    std::string text = field + ":";
    if (!change.at("added").empty()) text += " added " + value_text(field, change.at("added"));
    if (!change.at("removed").empty())
      text += (change.at("added").empty() ? " removed " : "; removed ") +
              value_text(field, change.at("removed"));
    return text;
  }
  return field + ": " + value_text(field, change.at("before")) + " → " +
         value_text(field, change.at("after"));
}

std::string creation_text(const Json& fields) {
  std::string text;
  for (const auto& [field, change] : fields.items()) {
    const Json& value = change.contains("added") ? change.at("added") : change.at("after");
    if (says_nothing(field, value) || value.is_null() || value == 0) continue;
    text += (text.empty() ? "" : "; ") + field + ": " + value_text(field, value);
  }
  return text;
}

}  // namespace gateway::cli
