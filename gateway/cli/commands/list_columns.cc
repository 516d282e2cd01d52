#include "gateway/cli/commands/list_columns.h"

#include <algorithm>

#include "auth/base/text.h"
#include "gateway/cli/output/time_words.h"
#include "gateway/cli/run_operation.h"
#include "gateway/platform/clock.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string with_commas(const Json& list) {
  if (list.empty()) return "-";
  return auth::join(list, ", ", [](const Json& item) { return item.get<std::string>(); });
}

// A member that a gateway of an earlier version does not send is none.
std::string roles_cell(const Json& c) {
  return with_commas(c.value("roles", Json::array()));
}

std::string time_cell(const Json& c, const char* member, const char* none) {
  const std::string text = text_at(c, member);
  return text.empty() ? none : time_in_words(text, now_in_seconds());
}

}  // namespace

const std::vector<ListColumn>& all_columns() {
  using J = const Json&;
  static const std::vector<ListColumn> columns = {
      {"name", {"NAME"}, true, [](J c) { return text_at(c, "name"); }},
      {"kind", {"KIND", Fit::whole}, true, [](J c) { return text_at(c, "kind"); }},
      {"account", {"ACCOUNT"}, true, [](J c) { return text_at(c, "account"); }},
      {"status", {"STATUS", Fit::status}, true, [](J c) { return text_at(c, "status"); }},
      {"expires", {"EXPIRES"}, true, [](J c) { return time_cell(c, "expires_at", "never"); }},
      {"used", {"LAST USED"}, true, [](J c) { return time_cell(c, "last_used_at", "never"); }},
      {"tags", {"TAGS", Fit::wrap, true}, true, [](J c) { return with_commas(c.at("tags")); }},
      {"roles", {"ROLES", Fit::wrap, true}, true, roles_cell},
      {"region",
       {"REGION", Fit::wrap, true},
       true,
       [](J c) { return with_commas(c.at("regions")); }},
      {"id", {"ID", Fit::whole, true}, true, [](J c) { return text_at(c, "id"); }},
      {"may",
       {"MAY", Fit::wrap, true},
       true,
       [](J c) { return with_commas(c.at("capabilities")); }},
      {"created",
       {"CREATED", Fit::whole},
       false,
       [](J c) { return time_cell(c, "created_at", "-"); }},
  };
  return columns;
}

std::vector<std::string> column_names() {
  std::vector<std::string> names;
  for (const ListColumn& column : all_columns())
    names.emplace_back(column.name);
  return names;
}

const ListColumn& column_named(std::string_view name) {
  return *std::ranges::find_if(all_columns(),
                               [&](const ListColumn& column) { return name == column.name; });
}

std::string sort_key(const Json& c, const std::string& by) {
  std::string key;
  if (by == "expires") {
    key = c.at("expires_at").is_null() ? "~" : text_at(c, "expires_at");
  } else if (by == "used") {
    key = text_at(c, "last_used_at");
  } else if (by == "created") {
    key = text_at(c, "created_at");
  } else if (by != "name") {
    key = column_named(by).cell(c);
  }
  const std::string name = text_at(c, "name");
  for (const std::string& next : {auth::lower_case(name), name, text_at(c, "account")})
    key += '\0' + next;
  return key;
}

}  // namespace gateway::cli
