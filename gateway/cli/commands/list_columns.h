#pragma once
// The columns of `credgate list`.

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/cli/output/table.h"

namespace gateway::cli {

struct ListColumn {
  const char* name;
  Column look;
  bool usual;  // shown where no columns are asked for, if any credential has it
  std::string (*cell)(const nlohmann::ordered_json& credential);
};

const std::vector<ListColumn>& all_columns();
std::vector<std::string> column_names();
// `name` is one of them.
const ListColumn& column_named(std::string_view name);

// What is compared to sort by a column, then by name and account. A time is compared as a
// timestamp: what was never used is the longest unused, and what never expires expires last.
std::string sort_key(const nlohmann::ordered_json& credential, const std::string& by);

}  // namespace gateway::cli
