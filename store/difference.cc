#include "store/difference.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "auth/base/json.h"
#include "auth/credential/credential_json.h"

namespace store {
namespace {

using Json = nlohmann::ordered_json;

// Of a list before and after the change, together. Shorter ones are easier to read whole.
constexpr std::size_t kMaxWholeLists = 256;

bool touched_by_every_change(std::string_view field) {
  static constexpr std::array<std::string_view, 6> kFields = {
      "id", "revision", "created_at", "created_by", "updated_at", "updated_by"};
  return std::ranges::find(kFields, field) != kFields.end();
}

// Some fields hold what outsiders sent: what is not UTF-8 must not make a change impossible.
std::string text(const Json& value) {
  return auth::write_line(value);
}

// An item that a list has twice counts twice. An order that changed is nothing added and nothing
// removed.
FieldChange list_change(const std::string& field, const Json& before, const Json& after) {
  std::map<std::string, std::int64_t> missing;  // how many of it the second list lacks
  for (const Json& item : before)
    ++missing[text(item)];
  Json added = Json::array();
  for (const Json& item : after) {
    if (--missing[text(item)] < 0) added.push_back(item);
  }
  Json removed = Json::array();
  for (const Json& item : before) {
    if (missing[text(item)]-- > 0) removed.push_back(item);
  }
  return {field, text(Json{{"removed", removed}}), text(Json{{"added", added}})};
}

std::size_t bytes(const FieldChange& change) {
  return change.before.size() + change.after.size();
}

// Recurses no deeper than a record's own JSON, which we make.
void add_difference(const std::string& field, const Json& before, const Json& after,
                    std::vector<FieldChange>& changes) {
  if (before == after) return;
  if (before.is_object() && after.is_object()) {
    for (const auto& [name, value] : after.items())
      add_difference(field + "." + name, before.at(name), value, changes);
    return;
  }
  FieldChange whole{field, text(before), text(after)};
  if (before.is_array() && after.is_array() && bytes(whole) > kMaxWholeLists) {
    FieldChange parts = list_change(field, before, after);
    if (bytes(parts) < bytes(whole)) whole = std::move(parts);
  }
  changes.push_back(std::move(whole));
}

template <class Record>
std::vector<FieldChange> changes_of(const Record* before, const Record& after) {
  const Json old_fields = auth::write_json(before != nullptr ? *before : Record{});
  const Json new_fields = auth::write_json(after);
  std::vector<FieldChange> changes;
  for (const auto& [field, value] : new_fields.items()) {
    const Json& old_value = old_fields.at(field);
    if (touched_by_every_change(field) || old_value == value) continue;
    if (before == nullptr) {
      changes.push_back({field, "null", text(value)});
    } else {
      add_difference(field, old_value, value, changes);
    }
  }
  return changes;
}

}  // namespace

std::vector<FieldChange> difference(const auth::Credential* before, const auth::Credential& after) {
  return changes_of(before, after);
}

std::vector<FieldChange> difference(const auth::Role* before, const auth::Role& after) {
  return changes_of(before, after);
}

}  // namespace store
