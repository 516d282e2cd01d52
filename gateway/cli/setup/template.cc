#include "gateway/cli/setup/template.h"

namespace gateway::cli {

std::string fill(std::string_view form, const Words& words) {
  std::string text{form};
  for (const auto& [from, to] : words) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

}  // namespace gateway::cli
