#include "gateway/platform/log.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <compare>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/base/time_format.h"
#include "auth/nats/subject.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/fd.h"
#include "gateway/platform/locked.h"
#include "gateway/platform/log_queue.h"

namespace gateway {
namespace {

constexpr std::size_t kMaxValueBytes = 256;

// Bytes of the character that `text` begins with; 0 where it is not fit to print as it is.
std::size_t printable_length(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (auth::printable(text.substr(0, length))) return length;
  }
  return 0;
}

LogFormat format_in_use = LogFormat::text;

// JOURNAL_STREAM is "DEVICE:INODE" of the stream to the journal; it is handed down to programs
// whose standard error goes elsewhere. Source: systemd.exec(5).
bool goes_to_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat is{};
  return stream != nullptr && fstat(STDERR_FILENO, &is) == 0 &&
         stream == std::to_string(is.st_dev) + ":" + std::to_string(is.st_ino);
}

// For journald, which takes it off again; empty elsewhere.
std::string priority(Level level) {
  static const bool kJournald = goes_to_journal();
  return kJournald ? "<" + std::to_string(static_cast<int>(level)) + ">" : "";
}

std::string written_now() {
  return auth::write_time(now_in_seconds());
}

std::string_view word(Level level) {
  switch (level) {
    case Level::error:
      return "error";
    case Level::warning:
      return "warning";
    case Level::info:
      break;
  }
  return "info";
}

std::string head(Level level) {
  const std::string journald = priority(level);
  if (!journald.empty()) return journald;
  return written_now() + " " + (level == Level::info ? "" : std::string(word(level)) + " ");
}

std::string text_line(Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string line = head(level);
  line.append("event=").append(event);
  for (const auto& [key, value] : fields) {
    if (!value.empty()) line.append(" ").append(key).append("=").append(escaped(value));
  }
  return line + '\n';
}

std::string json_line(Level level, std::string_view event, std::initializer_list<Field> fields) {
  nlohmann::ordered_json json = {{"at", written_now()}, {"level", word(level)}, {"event", event}};
  for (const auto& [key, value] : fields) {
    if (!value.empty()) json[std::string(key)] = value.substr(0, kMaxValueBytes);
  }
  // Bytes that are not UTF-8 are a stranger's, and no reason to say nothing.
  return priority(level) +
         json.dump(-1, ' ', /*ensure_ascii=*/true,
                   nlohmann::ordered_json::error_handler_t::replace) +
         '\n';
}

std::string line_of(Level level, std::string_view event, std::initializer_list<Field> fields) {
  return format_in_use == LogFormat::json ? json_line(level, event, fields)
                                          : text_line(level, event, fields);
}

std::string tell_lost(const std::string& event, std::uint64_t lines) {
  return line_of(Level::error, "log_lost", {{"lines", std::to_string(lines)}, {"of", event}});
}

// Null without a LogThread.
Locked<std::unique_ptr<LogQueue>>& queue_in_use() {
  static Locked<std::unique_ptr<LogQueue>> queue;
  return queue;
}

// The same for whoever may hold that lock already. One that stops stays here until it has.
std::atomic<LogQueue*> queue_to_flush = nullptr;
std::terminate_handler terminate_before = nullptr;
std::atomic<std::uint64_t> lost_before = 0;  // by LogThreads that have ended

[[noreturn]] void flush_and_terminate() {
  const LogQueue* queue = queue_to_flush;
  if (queue == nullptr || queue->flush()) terminate_before();  // it says which exception it was
  std::abort();
}

// Whether the next line would be taken at once (pipe(7), poll(2)).
bool standard_error_is_read() {
  pollfd one{STDERR_FILENO, POLLOUT, 0};
  return poll(&one, 1, 0) == 1;
}

void leave_standard_error() {
  const Fd nowhere{open("/dev/null", O_WRONLY | O_CLOEXEC)};
  if (nowhere) dup2(nowhere.get(), STDERR_FILENO);
}

// Of one event, reason and actor.
struct Limit {
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  std::uint64_t written = 0;  // since then, less what the time allows again
  std::uint64_t suppressed = 0;

  void refill(std::chrono::steady_clock::time_point now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - since);
    since += seconds;
    written -= std::min(written, static_cast<std::uint64_t>(seconds.count()) * kPerSecond);
  }
  bool allows(std::chrono::steady_clock::time_point now) {
    refill(now);
    if (written >= kMaxBurst) {
      ++suppressed;
      return false;
    }
    ++written;
    return true;
  }
};

struct LimitKey {
  std::string event, reason, actor;
  auto operator<=>(const LimitKey&) const = default;
};
// Events and reasons are of closed sets; the number of actors is bounded.
using Limits = std::map<LimitKey, Limit>;

Locked<Limits>& limits() {
  static Locked<Limits> all;
  return all;
}

}  // namespace

std::string escaped(std::string_view value) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  const bool cut = value.size() > kMaxValueBytes;
  value = value.substr(0, kMaxValueBytes);
  std::string out = "\"";
  while (!value.empty()) {
    const char c = value.front();
    const std::size_t length = c == '"' || c == '\\' ? 0 : printable_length(value);
    if (length == 0) {
      const auto byte = static_cast<unsigned char>(c);
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
    out += value.substr(0, length);
    value.remove_prefix(length == 0 ? 1 : length);
  }
  return out + (cut ? "…\"" : "\"");
}

void log_as(LogFormat format) {
  format_in_use = format;
}

void log(Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string line = line_of(level, event, fields);
  {
    const auto queue = queue_in_use().lock();
    if (*queue) return (*queue)->push(event, std::move(line));
  }
  // Whole lines even with several writers; a log that cannot be written stops nobody's connection.
  static_cast<void>(write(STDERR_FILENO, line.data(), line.size()) < 0);
}

LogThread::LogThread() {
  auto queue = std::make_unique<LogQueue>(STDERR_FILENO, tell_lost);
  queue_to_flush = queue.get();
  terminate_before = std::set_terminate(flush_and_terminate);
  *queue_in_use().lock() = std::move(queue);
}

LogThread::~LogThread() {
  const std::unique_ptr<LogQueue> queue = std::move(*queue_in_use().lock());
  if (!queue->stop() || !standard_error_is_read()) leave_standard_error();
  std::set_terminate(terminate_before);
  queue_to_flush = nullptr;
  lost_before += queue->lost();
}

void flush_log() {
  const LogQueue* queue = queue_to_flush;
  if (queue != nullptr) queue->flush();
}

std::uint64_t log_lines_lost() {
  const auto queue = queue_in_use().lock();
  return lost_before + (*queue ? (*queue)->lost() : 0);
}

void log_limited(Level level, std::string_view event, const LogLimit& by,
                 std::initializer_list<Field> fields) {
  {
    const auto all = limits().lock();
    LimitKey key{std::string(event), std::string(by.reason), std::string(by.actor)};
    if (all->size() >= kMaxLimits && !all->contains(key)) key.actor.clear();
    if (!(*all)[key].allows(std::chrono::steady_clock::now())) return;
  }
  log(level, event, fields);
}

void log_limited(Level level, std::string_view event, std::initializer_list<Field> fields) {
  log_limited(level, event, {.reason = fields.begin()->second, .actor = {}}, fields);
}

void log_suppressed() {
  std::vector<std::pair<LimitKey, std::uint64_t>> counts;
  {
    const auto all = limits().lock();
    const auto now = std::chrono::steady_clock::now();
    for (auto at = all->begin(); at != all->end();) {
      auto& [key, limit] = *at;
      limit.refill(now);
      const std::uint64_t count = std::exchange(limit.suppressed, 0);
      if (count > 0) counts.emplace_back(key, count);
      at = limit.written == 0 ? all->erase(at) : std::next(at);  // it is as a new one
    }
  }
  for (const auto& [key, count] : counts) {
    log(Level::warning, "suppressed",
        {{"lines", std::to_string(count)},
         {"of", key.event},
         {"reason", key.reason},
         {"actor", key.actor}});
  }
}

}  // namespace gateway
