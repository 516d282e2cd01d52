#include "gateway/log.h"

#include <array>
#include <chrono>
#include <cstdlib>

#include <unistd.h>

#include "auth/subject.h"
#include "auth/time_text.h"

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

std::string head(Level level) {
  static const bool journald = std::getenv("JOURNAL_STREAM") != nullptr;
  if (journald) return "<" + std::to_string(static_cast<int>(level)) + ">";
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::string_view word = level == Level::error     ? " error "
                                : level == Level::warning ? " warning "
                                                          : " ";
  return auth::write_time(now) + std::string(word);
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

void log(Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string line = head(level);
  line.append("event=").append(event);
  for (const auto& [key, value] : fields) {
    if (!value.empty()) line.append(" ").append(key).append("=").append(escaped(value));
  }
  line += '\n';
  // Whole lines even with several writers; a log that cannot be written stops nobody's connection.
  static_cast<void>(write(STDERR_FILENO, line.data(), line.size()) < 0);
}

}  // namespace gateway
