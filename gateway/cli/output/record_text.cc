#include "gateway/cli/output/record_text.h"

#include <iostream>

#include "gateway/cli/output/terminal.h"
#include "gateway/cli/output/text_layout.h"
#include "gateway/cli/output/time_words.h"
#include "gateway/cli/output/value_text.h"
#include "gateway/platform/clock.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLabel = 18;

void print_lists(const char* verb, const Json& lists,
                 const std::function<std::string(const std::string&)>& origin) {
  for (const char* side : {"allow", "deny"}) {
    const std::string head = std::string("  ") + verb + " " + side + "  ";
    for (const Json& subject : lists.at(side)) {
      const std::string from = origin(subject.get<std::string>());
      std::cout << paragraph(head, columns(head),
                             value_text("", subject) + (from.empty() ? "" : " (" + from + ")"),
                             output_width());
    }
  }
}

}  // namespace

void print_field(std::string_view label, const std::string& text) {
  const std::string head =
      std::string(label) + std::string(label.size() < kLabel ? kLabel - label.size() : 1, ' ');
  std::cout << paragraph(head, kLabel, text, output_width());
}

std::string field_text(const std::string& field, const Json& value) {
  const std::string text = value_text(field, value);
  if (field == "status") return coloured_status(text, 0);
  const bool time = field.ends_with("_at") || field == "not_before";
  if (!time || !value.is_string()) return text;
  return text + " (" + time_in_words(text, now_in_seconds()) + ")";
}

void print_permissions(const Json& expanded,
                       const std::function<std::string(const std::string&)>& origin) {
  print_lists("publish  ", expanded.at("publish"), origin);
  print_lists("subscribe", expanded.at("subscribe"), origin);
  if (!expanded.at("responses").is_null()) {
    std::cout << "  responses        up to " << expanded.at("responses").at("max") << " within "
              << expanded.at("responses").at("ttl") << " s of each message\n";
  }
}

}  // namespace gateway::cli
