#pragma once
// JSON from an untrusted source. Reading it never throws and never inserts; a member of the wrong
// type counts as absent.

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "auth/base/secret.h"

// Compiled once, in json.cc, and not in each file that reads JSON.
extern template class nlohmann::basic_json<>;
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace auth {

using Json = nlohmann::json;

// The parser stops at a zero byte and ignores what follows.
inline bool has_zero(std::string_view text) {
  return text.find('\0') != text.npos;
}

// Absent for anything but an object. The caller bounds the size of the text.
inline std::optional<Json> read_json_object(std::string_view text) {
  if (has_zero(text)) return std::nullopt;
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  return json;
}

// Deeper than any valid input. Copying and writing a tree take a stack frame per level: 100,000
// brackets in hostile input would crash the process.
inline constexpr std::size_t kDeepestJson = 32;

// Checks only names and depth. (A parser callback would cost the square of an array's length.)
class JsonNames : public nlohmann::json_sax<Json> {
 public:
  const std::string& twice() const { return twice_; }

  bool start_object(std::size_t /*size*/) override {
    open_.emplace_back();
    return open_.size() <= kDeepestJson;
  }
  bool key(std::string& name) override {
    if (!open_.back().insert(name).second && twice_.empty()) twice_ = name;
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t size) override { return start_object(size); }
  bool end_array() override { return close(); }
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(std::int64_t /*value*/) override { return true; }
  bool number_unsigned(std::uint64_t /*value*/) override { return true; }
  bool number_float(double /*value*/, const std::string& /*text*/) override { return true; }
  bool string(std::string& /*value*/) override { return true; }
  bool binary(Json::binary_t& /*value*/) override { return true; }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*why*/) override {
    return false;
  }

 private:
  bool close() {
    open_.pop_back();
    return true;
  }
  std::vector<std::set<std::string>> open_;
  std::string twice_;
};

// Also absent for deeper nesting; sets `twice` to the first name that an object has twice. JSON
// parsers differ in which of the two counts, so two programs could read two things in it.
inline std::optional<Json> read_json_object(std::string_view text, std::string& twice) {
  JsonNames names;
  if (has_zero(text) || !Json::sax_parse(text, &names)) return std::nullopt;
  twice = names.twice();
  return read_json_object(text);
}

// Null if there is no such member.
inline const Json& member(const Json& object, const char* key) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto at = object.find(key);
  return at == object.end() ? kNone : *at;
}

// On one line, without its end. Bytes that are not UTF-8, which dump() would throw at, are a
// stranger's: they become U+FFFD.
template <class AnyJson>
std::string write_line(const AnyJson& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, AnyJson::error_handler_t::replace);
}

inline std::string string_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_string() ? value.get_ref<const std::string&>() : std::string{};
}

inline std::optional<std::int64_t> integer_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (value.is_number_unsigned()) {
    const auto n = value.get<std::uint64_t>();
    if (n > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return std::nullopt;
    return static_cast<std::int64_t>(n);
  }
  if (!value.is_number_integer()) return std::nullopt;
  return value.get<std::int64_t>();
}

// Moves a secret out of the tree, so that no copy of it stays there.
inline SecretText take_secret(Json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_string()) return {};
  auto& text = at->get_ref<std::string&>();
  SecretText secret{text};
  wipe(text.data(), text.size());
  text.clear();
  return secret;
}

}  // namespace auth
