#pragma once
// nats-server's configuration language (conf/parse.go), for taking over what a server has. Pure:
// files and the environment come in as functions.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gateway {

struct NatsData;

// A value and where it stands; in a map, where its key does. What a variable refers to is shared
// and not copied, as variables that refer to variables would else grow without bound.
struct NatsValue {
  std::shared_ptr<const NatsData> data;
  std::shared_ptr<const std::string> file;
  std::size_t line = 0;
  std::size_t height = 0;    // how deep it is nested itself; at most 64 together with its place
  bool is_variable = false;  // a variable refers to it, so that it may stand beside known fields

  template <class T>
  const T* get() const;  // nullptr where it is of another type
};

using NatsList = std::vector<NatsValue>;
using NatsMap = std::map<std::string, NatsValue, std::less<>>;

// A date is a string.
struct NatsData {
  std::variant<bool, std::int64_t, double, std::string, NatsList, NatsMap> is;
};

template <class T>
const T* NatsValue::get() const {
  return std::get_if<T>(&data->is);
}

// Both must be set.
struct NatsSurroundings {
  // What a file holds, absent where it cannot be read. The path is as nats-server makes it: always
  // below the directory of the including file, even for a path that begins with a slash.
  std::function<std::optional<std::string>(const std::string& path)> read_file;
  std::function<std::optional<std::string>(std::string_view name)> environment;
};

// The whole as one map. Throws ConfigError ("file:line: message", without any value) for what
// nats-server does not take either and for the few things that lexer.h refuses beyond;
// above 16 MiB with all includes, a nesting of 64, or includes in includes to a depth of 10. A key
// given twice has its last value.
NatsValue read_nats_config(std::string_view text, const std::string& file,
                           const NatsSurroundings& around);

}  // namespace gateway
