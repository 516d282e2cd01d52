#pragma once
// The parser of nats-server's configuration language (conf/parse.go), for the import of a
// configuration. Pure: files and the environment are passed as functions.

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

// A value and its position; in a map, the position of its key. The value of a variable is shared
// and not copied; otherwise variables that refer to variables could grow exponentially.
struct NatsValue {
  std::shared_ptr<const NatsData> data;
  std::shared_ptr<const std::string> file;
  std::size_t line = 0;
  std::size_t height = 0;    // depth of its own nesting; at most 64 together with its position
  bool is_variable = false;  // a variable refers to it, so it may be an unknown field

  template <class T>
  const T* get() const;  // nullptr if it has another type
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
  // The content of a file; absent if it cannot be read. As in nats-server, the path is always below
  // the directory of the including file, even if it begins with a slash.
  std::function<std::optional<std::string>(const std::string& path)> read_file;
  std::function<std::optional<std::string>(std::string_view name)> environment;
};

// Parses the configuration into one map. Throws ConfigError ("file:line: message", without any
// value) for everything that nats-server refuses and for the mistakes that lexer.h refuses, and
// beyond 16 MiB with all includes, a nesting of 64, or 10 levels of includes. A key given twice has
// its last value.
NatsValue read_nats_config(std::string_view text, const std::string& file,
                           const NatsSurroundings& around);

}  // namespace gateway
