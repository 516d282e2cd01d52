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

// How lines are written from here on; text before. To be called before the first thread is made.
// JSON: {"at","level","event", and the fields as texts}.
void log_as(LogFormat format);

using Field = std::pair<std::string_view, std::string>;

// `event` is a stable word. Values of more than 256 bytes are cut, empty ones left out.
// Thread-safe.
void log(Level level, std::string_view event, std::initializer_list<Field> fields);

// In quotes; backslash, quote, control characters and bytes that are no UTF-8 as \xHH.
std::string escaped(std::string_view value);

}  // namespace gateway
