#include "gateway/cli/import/import_report.h"

#include <iostream>

namespace gateway::cli {
namespace {

constexpr std::size_t kMaxShown = 20;

std::string sentence(const ImportFault& fault) {
  return fault.where + ": " + (fault.wrong.field.empty() ? "" : fault.wrong.field + ": ") +
         fault.wrong.message;
}

}  // namespace

void print_faults(const Context& context, const std::vector<ImportFault>& faults) {
  if (context.json) return;
  for (std::size_t i = 0; i < faults.size() && i < kMaxShown; ++i)
    std::cerr << sentence(faults[i]) << '\n';
  if (faults.size() > kMaxShown) {
    std::cerr << "… and " << faults.size() - kMaxShown << " more\n";
  }
}

nlohmann::ordered_json faults_json(const std::vector<ImportFault>& faults) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ImportFault& fault : faults) {
    list.push_back(
        {{"where", fault.where}, {"field", fault.wrong.field}, {"message", fault.wrong.message}});
  }
  return list;
}

std::string sentence(const ImportWarning& warning) {
  const std::string others =
      warning.lines > 1 ? " and " + std::to_string(warning.lines - 1) + " more" : "";
  return warning.where + others + ": " + warning.message;
}

void print_warnings(const std::vector<ImportWarning>& warnings) {
  for (std::size_t i = 0; i < warnings.size() && i < kMaxShown; ++i)
    std::cerr << "warning: " << sentence(warnings[i]) << '\n';
  if (warnings.size() > kMaxShown)
    std::cerr << "… and " << warnings.size() - kMaxShown << " more warnings; --json has all\n";
}

}  // namespace gateway::cli
