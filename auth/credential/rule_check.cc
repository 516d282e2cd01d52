#include "auth/credential/rule_check.h"

#include "auth/credential/subject_template.h"

namespace auth {
namespace {

Verdict check_list(const ListRule& rule) {
  std::vector<ListEntry> entries;
  for (const auto& text : rule.list) {
    auto error = rule.has_templates ? template_error(text) : std::nullopt;
    if (!error && !rule.valid(rule.has_templates ? fill_templates(text, "x") : text)) {
      error = rule.hint;
    }
    entries.push_back({text, std::move(error)});
  }
  return check_entries(rule.field, entries, rule.max);
}

}  // namespace

Verdict check(std::initializer_list<Rule> rules) {
  for (const auto& rule : rules) {
    if (!rule.holds) return Invalid{std::string{rule.field}, std::string{rule.message}};
  }
  return std::nullopt;
}

bool consists_of(std::string_view text, std::string_view more) {
  return std::ranges::all_of(text, [&](char c) {
    return within(c, 'a', 'z') || within(c, '0', '9') || more.find(c) != more.npos;
  });
}

Verdict check_lists(std::initializer_list<ListRule> rules) {
  for (const auto& rule : rules) {
    if (auto wrong = check_list(rule)) return wrong;
  }
  return std::nullopt;
}

}  // namespace auth
