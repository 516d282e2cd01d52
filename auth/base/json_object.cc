#include "auth/base/json_object.h"

#include <algorithm>

#include "auth/base/text.h"
#include "auth/base/typo.h"

namespace auth {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMaxSeconds = 100ULL * 366 * 86'400;

const std::string& string_of(const Json& value) {
  return value.get_ref<const std::string&>();
}

bool read_strings(const Json& value, std::vector<std::string>& into) {
  const auto is_string = [](const Json& item) { return item.is_string(); };
  if (!value.is_array() || !std::ranges::all_of(value, is_string)) return false;
  into.clear();
  for (const Json& item : value)
    into.push_back(string_of(item));
  return true;
}

std::string instead_of(std::string_view meant) {
  return "unknown key; did you mean \"" + std::string(meant) + "\"?";
}

}  // namespace

JsonObject::JsonObject(const Json& object, std::string path, std::optional<Invalid>& wrong)
    : object_(object), path_(std::move(path)), wrong_(wrong) {
  if (!object.is_object()) complain("", "must be an object");
}

bool JsonObject::has(std::string_view name) const {
  return object_.contains(name);
}

bool JsonObject::is_known(std::string_view name) const {
  return std::ranges::find(known_, name) != known_.end();
}

std::vector<std::string> JsonObject::names() const {
  std::vector<std::string> names;
  if (wrong_ || !object_.is_object()) return names;
  for (const auto& [name, value] : object_.items()) {
    if (!is_known(name)) names.push_back(name);
  }
  return names;
}

const Json* JsonObject::find(std::string_view name) {
  known_.emplace_back(name);
  if (wrong_ || !object_.is_object()) return nullptr;
  const auto at = object_.find(name);
  return at == object_.end() ? nullptr : &*at;
}

void JsonObject::string(std::string_view name, std::string& into) {
  take(name, "must be a string", [&](const Json& value) {
    if (value.is_string()) into = string_of(value);
    return value.is_string();
  });
}

void JsonObject::required_string(std::string_view name, std::string_view what, std::string& into) {
  string(name, into);
  if (into.empty()) missing(name, what);
}

void JsonObject::boolean(std::string_view name, bool& into) {
  take(name, "must be true or false", [&](const Json& value) {
    if (value.is_boolean()) into = value.get<bool>();
    return value.is_boolean();
  });
}

std::uint64_t JsonObject::number_or(std::uint64_t otherwise, std::string_view name,
                                    std::uint64_t least, std::uint64_t most) {
  const Json* value = find(name);
  if (value == nullptr) return otherwise;
  const auto number =
      value->is_number_unsigned() ? std::optional{value->get<std::uint64_t>()} : std::nullopt;
  if (number && *number >= least && *number <= most) return *number;
  complain(name,
           "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return otherwise;
}

void JsonObject::number(std::string_view name, std::optional<std::uint64_t>& into) {
  take(name, "must be a whole number, 0 or more", [&](const Json& value) {
    if (value.is_number_unsigned()) into = value.get<std::uint64_t>();
    return value.is_number_unsigned();
  });
}

void JsonObject::strings(std::string_view name, std::vector<std::string>& into) {
  take(name, "must be an array of strings: [\"…\"]",
       [&](const Json& value) { return read_strings(value, into); });
}

void JsonObject::string_or_strings(std::string_view name, std::vector<std::string>& into) {
  take(name, "must be a string, or an array of strings: [\"…\", \"…\"]", [&](const Json& value) {
    if (value.is_string()) into = {string_of(value)};
    return value.is_string() || read_strings(value, into);
  });
}

void JsonObject::timestamp(std::string_view name, std::optional<Time>& into) {
  take(name, "must be a timestamp such as 2027-01-31T18:00:00Z, a date, or null",
       [&](const Json& value) {
         into = value.is_string() ? read_time(string_of(value)) : std::nullopt;
         return into || value.is_null();
       });
}

void JsonObject::seconds(std::string_view name, std::optional<std::chrono::seconds>& into) {
  take(name, "must be a whole number of seconds, or null", [&](const Json& value) {
    into.reset();
    if (value.is_number_unsigned() && value.get<std::uint64_t>() <= kMaxSeconds) {
      into = std::chrono::seconds{value.get<std::int64_t>()};
    }
    return into || value.is_null();
  });
}

JsonObject JsonObject::child(std::string_view name) {
  static const Json kEmpty = Json::object();
  const Json* value = find(name);
  return child(name, value == nullptr ? kEmpty : *value);
}

JsonObject JsonObject::child(std::string_view name, const Json& value) const {
  return {value, path_of(name), wrong_};
}

void JsonObject::finish() {
  if (wrong_ || !object_.is_object()) return;
  for (const auto& [name, value] : object_.items()) {
    if (is_known(name)) continue;
    const auto meant = std::ranges::find_if(
        known_, [&given = name](const std::string& known) { return similar(given, known); });
    return complain(name, meant != known_.end() ? instead_of(*meant)
                                                : "unknown key; known here: " + join(known_));
  }
}

void JsonObject::missing(std::string_view name, std::string_view what) {
  for (const std::string& given : names()) {
    if (similar(given, name)) complain(given, instead_of(name));
  }
  complain(name, "is missing: " + std::string(what));
}

void JsonObject::complain(std::string_view name, std::string message) {
  if (!wrong_) wrong_ = Invalid{path_of(name), std::move(message)};
}

std::string JsonObject::path_of(std::string_view name) const {
  return path_ + (path_.empty() || name.empty() ? "" : ".") + std::string(name);
}

}  // namespace auth
