#pragma once
// The log: one line per event on standard error, written in one call. `event=word key="value" …`,
// or JSON, every value escaped, so that no client can write a line of ours. Under journald the line
// begins with its priority, elsewhere with the time.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace gateway {

enum class Level : std::uint8_t { error = 3, warning = 4, info = 6 };

enum class LogFormat : std::uint8_t { text, json };

// Sets the format of the lines; the default is text. Call this before the first thread starts.
// JSON: {"at","level","event", and the fields as strings}.
void log_as(LogFormat format);

using Field = std::pair<std::string_view, std::string>;

// `event` is a stable word. Values are cut at 256 bytes; empty values are omitted. Thread-safe.
void log(Level level, std::string_view event, std::initializer_list<Field> fields);

// Quotes a value; backslash, quote, control characters and bytes that are not UTF-8 become \xHH.
std::string escaped(std::string_view value);

}  // namespace gateway
