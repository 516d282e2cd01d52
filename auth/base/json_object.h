#pragma once
// One JSON object that a stranger wrote, read strictly: every member by its name and type, and none
// that is unknown. Never throws; no message holds a value, which may be a secret.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "auth/base/invalid.h"
#include "auth/base/time_format.h"

namespace auth {

// One object, whose members are taken by name; what nobody took is unknown. The first complaint
// counts, and after it nothing is read.
class Members {
 public:
  Members(const nlohmann::json& object, std::string path, std::optional<Invalid>& wrong)
      : object_(object), path_(std::move(path)), wrong_(wrong) {
    if (!object.is_object()) complain("", "must be an object: {…}");
  }

  // Calls `use` with the member where there is one; it gives false for a value that is none.
  template <class Use>
  void take(const char* name, const char* right, Use use) {
    known_.emplace_back(name);
    if (wrong_ || !object_.is_object()) return;
    const auto at = object_.find(name);
    if (at == object_.end()) return;
    if (!use(*at)) complain(name, right);
  }

  void text(const char* name, std::string& into) {
    take(name, "must be a text", [&](const nlohmann::json& value) {
      if (!value.is_string()) return false;
      into = value.get_ref<const std::string&>();
      return true;
    });
  }
  void flag(const char* name, bool& into) {
    take(name, "must be true or false", [&](const nlohmann::json& value) {
      if (!value.is_boolean()) return false;
      into = value.get<bool>();
      return true;
    });
  }
  void number(const char* name, std::uint32_t& into) {
    take(name, "must be a whole number from 0 to 4294967295", [&](const nlohmann::json& value) {
      if (!value.is_number_unsigned()) return false;
      const auto n = value.get<std::uint64_t>();
      if (n > std::numeric_limits<std::uint32_t>::max()) return false;
      into = static_cast<std::uint32_t>(n);
      return true;
    });
  }
  void number(const char* name, std::optional<std::uint64_t>& into) {
    take(name, "must be a whole number, 0 or more", [&](const nlohmann::json& value) {
      if (!value.is_number_unsigned()) return false;
      into = value.get<std::uint64_t>();
      return true;
    });
  }
  // `read` gives an optional of the field's type.
  template <class T, class Read>
  void word(const char* name, const char* right, T& into, Read read) {
    take(name, right, [&](const nlohmann::json& value) {
      if (!value.is_string()) return false;
      auto got = read(value.get_ref<const std::string&>());
      if (!got) return false;
      into = std::move(*got);
      return true;
    });
  }
  template <class T, class Read>
  void words(const char* name, const char* right, std::vector<T>& into, Read read) {
    take(name, right, [&](const nlohmann::json& value) {
      if (!value.is_array()) return false;
      std::vector<T> list;
      for (const nlohmann::json& item : value) {
        if (!item.is_string()) return false;
        auto got = read(item.get_ref<const std::string&>());
        if (!got) return false;
        list.push_back(std::move(*got));
      }
      into = std::move(list);
      return true;
    });
  }
  void texts(const char* name, std::vector<std::string>& into) {
    words(name, "must be a list of texts: [\"…\"]", into,
          [](const std::string& text) { return std::optional{text}; });
  }
  void moment(const char* name, std::optional<Time>& into) {
    take(name, "must be a moment such as 2027-01-31T18:00:00Z, a date, or null",
         [&](const nlohmann::json& value) {
           into.reset();
           if (value.is_null()) return true;
           if (value.is_string()) into = read_time(value.get_ref<const std::string&>());
           return into.has_value();
         });
  }
  void span(const char* name, std::optional<std::chrono::seconds>& into) {
    take(name, "must be a whole number of seconds, or null", [&](const nlohmann::json& value) {
      into.reset();
      if (value.is_null()) return true;
      if (value.is_number_unsigned() && value.get<std::uint64_t>() <= kMostSeconds) {
        into = std::chrono::seconds{value.get<std::int64_t>()};
      }
      return into.has_value();
    });
  }
  // `read` is given the members of the object.
  template <class Read>
  void object(const char* name, Read read) {
    take(name, "must be an object: {…}", [&](const nlohmann::json& value) {
      Members members = inner(name, value);
      read(members);
      members.finish();
      return true;
    });
  }
  Members inner(const char* name, const nlohmann::json& value) const {
    return {value, path_of(name), wrong_};
  }

  void finish() {
    if (wrong_ || !object_.is_object()) return;
    for (const auto& [name, value] : object_.items()) {
      if (std::ranges::find(known_, name) == known_.end()) {
        std::string all;
        for (const std::string& known : known_)
          all += (all.empty() ? "" : ", ") + known;
        return complain(name, "is unknown; known here: " + all);
      }
    }
  }
  void complain(std::string_view name, std::string message) {
    if (!wrong_) wrong_ = Invalid{path_of(name), std::move(message)};
  }

 private:
  static constexpr std::uint64_t kMostSeconds = 100ULL * 366 * 86'400;
  std::string path_of(std::string_view name) const {
    return path_.empty() || name.empty() ? path_ + std::string(name)
                                         : path_ + "." + std::string(name);
  }

  const nlohmann::json& object_;
  std::string path_;
  std::optional<Invalid>& wrong_;
  std::vector<std::string> known_;
};

}  // namespace auth
