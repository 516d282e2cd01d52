#pragma once
// What is said of the lines of a file.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/cli/context.h"
#include "gateway/cli/import/import_run.h"

namespace gateway::cli {

// On standard error, the first of them; nothing with --json.
void print_faults(const Context& context, const std::vector<ImportFault>& faults);
// [{"where","field","message"}]
nlohmann::ordered_json faults_json(const std::vector<ImportFault>& faults);

// "all.jsonl:7 and 3 more: …"
std::string sentence(const ImportWarning& warning);
// On standard error, the first of them.
void print_warnings(const std::vector<ImportWarning>& warnings);

}  // namespace gateway::cli
