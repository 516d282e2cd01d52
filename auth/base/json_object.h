#pragma once
// One JSON object that somebody else wrote (a configuration, the body of a request, a record), read
// strictly: each member by its name and type, and none that is unknown.

#include <chrono>
#include <concepts>
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

// Members are taken by name; what nobody took is unknown. The first complaint counts, and after it
// nothing is read. A member that is absent leaves `into` as it is, so that the default is what the
// caller put there. Never throws; no message holds a value, which may be a secret.
class JsonObject {
 public:
  using Json = nlohmann::json;

  // Borrows its arguments. `path`: the object's own, with dots ("store"), as complaints name it;
  // empty for the outermost.
  JsonObject(const Json& object, std::string path, std::optional<Invalid>& wrong);

  bool has(std::string_view name) const;
  // Of the members that nobody took yet.
  std::vector<std::string> names() const;

  void string(std::string_view name, std::string& into);
  // Complains of one that is absent or empty: it is `what`.
  void required_string(std::string_view name, std::string_view what, std::string& into);
  void boolean(std::string_view name, bool& into);
  template <std::unsigned_integral N>
  void number(std::string_view name, N& into, std::uint64_t least = 0,
              std::uint64_t most = std::numeric_limits<N>::max()) {
    into = static_cast<N>(number_or(into, name, least, most));
  }
  void number(std::string_view name, std::optional<std::uint64_t>& into);
  void strings(std::string_view name, std::vector<std::string>& into);
  // One string counts as an array of it.
  void string_or_strings(std::string_view name, std::vector<std::string>& into);
  // Both take null for none.
  void timestamp(std::string_view name, std::optional<Time>& into);
  void seconds(std::string_view name, std::optional<std::chrono::seconds>& into);

  // A string that `read` makes a value of; it gives an optional. `right` says what would be right.
  template <class T, class Read>
  void string(std::string_view name, std::string_view right, T& into, Read read) {
    take(name, right, [&](const Json& value) { return read_string(value, into, read); });
  }
  // An array of them.
  template <class T, class Read>
  void strings(std::string_view name, std::string_view right, std::vector<T>& into, Read read) {
    take(name, right, [&](const Json& value) {
      if (!value.is_array()) return false;
      std::vector<T> list;
      for (const Json& item : value) {
        if (!read_string(item, list.emplace_back(), read)) return false;
      }
      into = std::move(list);
      return true;
    });
  }
  // `read` is given the object, where there is one.
  template <class Read>
  void object(std::string_view name, Read read) {
    take(name, "", [&](const Json& value) {
      JsonObject inner = child(name, value);
      read(inner);
      inner.finish();
      return true;
    });
  }
  // Any value: `use` is called with it where it is there, and gives false for a wrong one.
  template <class Use>
  void take(std::string_view name, std::string_view right, Use use) {
    const Json* value = find(name);
    if (value != nullptr && !use(*value)) complain(name, std::string(right));
  }

  // The object `name`, whoever takes it finishes it; without members where it is absent.
  JsonObject child(std::string_view name);
  // An object that was taken as a value of this member.
  JsonObject child(std::string_view name, const Json& value) const;

  // Complains of the first member that nobody took.
  void finish();
  // Of a member that must be there: names the one that was probably meant to be it, or `what`.
  void missing(std::string_view name, std::string_view what);
  void complain(std::string_view name, std::string message);

 private:
  // Null where it is absent, or something is wrong already.
  const Json* find(std::string_view name);
  std::uint64_t number_or(std::uint64_t otherwise, std::string_view name, std::uint64_t least,
                          std::uint64_t most);
  std::string path_of(std::string_view name) const;
  bool is_known(std::string_view name) const;

  template <class T, class Read>
  static bool read_string(const Json& value, T& into, Read& read) {
    if (!value.is_string()) return false;
    auto got = read(value.get_ref<const std::string&>());
    if (!got) return false;
    into = std::move(*got);
    return true;
  }

  const Json& object_;
  std::string path_;
  std::optional<Invalid>& wrong_;
  std::vector<std::string> known_;
};

}  // namespace auth
