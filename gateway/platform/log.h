#pragma once
// The log: one line per event on standard error. `event=word key="value" …`, or JSON, every value
// escaped, so that no client can write a line of ours. Under journald the line begins with its
// priority, elsewhere with the time.

#include <cstddef>
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
// Waits while standard error is not read, unless there is a LogThread.
void log(Level level, std::string_view event, std::initializer_list<Field> fields);

// As log(), for lines that strangers can cause as often as they like. journald drops lines of a
// service that writes too many (10,000 in 30 s by default), and would drop those about sessions and
// administration with them. So of lines with one event and one reason kMaxBurst are written at
// once, and kPerSecond each second; the others are counted. The first field is the reason, a word
// of a closed set. Thread-safe.
void log_limited(Level level, std::string_view event, std::initializer_list<Field> fields);

// The same for lines that somebody who is known can cause: each `actor` has lines of its own, so
// that one who floods takes no other's. `reason`: a word of a closed set. Beyond
// kMaxLimits in use, all others are one actor.
struct LogLimit {
  std::string_view reason;
  std::string_view actor;
};
void log_limited(Level level, std::string_view event, const LogLimit& by,
                 std::initializer_list<Field> fields);
inline constexpr std::size_t kMaxLimits = 1000;

inline constexpr std::uint64_t kMaxBurst = 100;
inline constexpr std::uint64_t kPerSecond = 5;

// Logs what log_limited() has counted and not written, one line for each event, reason and actor.
// To be called about once a second. Thread-safe.
void log_suppressed();

// While it exists, a thread of its own writes the lines, and log() does not wait (log_queue.h).
// Only one at a time; made before the threads that log, and after what changes the process's user.
// The destructor writes what waits, for a second at most; where standard error is not read, it
// leads to /dev/null from then on, so that the process can end whatever it still has to say. An
// exception that nobody catches does the same before it ends the process.
class LogThread {
 public:
  LogThread();
  ~LogThread();
  LogThread(const LogThread&) = delete;
  LogThread& operator=(const LogThread&) = delete;
};

// Waits until what was logged is written, for a second at most: for who ends the process at once.
void flush_log();

// Lines that this process lost, because standard error was not read or could not be written.
std::uint64_t log_lines_lost();

// Quotes a value; backslash, quote, control characters and bytes that are not UTF-8 become \xHH.
std::string escaped(std::string_view value);

}  // namespace gateway
