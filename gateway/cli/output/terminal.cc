#include "gateway/cli/output/terminal.h"

#include <charconv>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "gateway/cli/output/text_layout.h"

namespace gateway::cli {
namespace {

constexpr std::size_t kDefaultWidth = 80;
constexpr std::size_t kMinWidth = 20;
constexpr std::size_t kMaxWidth = 10'000;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

bool has_colours() {
  static const bool colours =
      isatty(STDOUT_FILENO) == 1 && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  return colours;
}

const char* code_of(Colour colour) {
  switch (colour) {
    case Colour::green:
      return "32";
    case Colour::yellow:
      return "33";
    case Colour::red:
      return "31";
    case Colour::bold:
      return "1";
    case Colour::none:
      break;
  }
  return "0";
}

Colour colour_of(std::string_view word) {
  if (word == "active") return Colour::green;
  if (word == "suspended" || word == "expired" || word == "not_yet_valid") return Colour::yellow;
  if (word == "revoked") return Colour::red;
  return Colour::none;
}

}  // namespace

std::size_t output_width() {
  winsize size{};
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= kMinWidth)
    return size.ws_col;
  const std::string_view text = variable("COLUMNS");
  std::size_t width = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && width >= kMinWidth && width <= kMaxWidth ? width : kDefaultWidth;
}

std::string coloured(std::string_view text, Colour colour) {
  if (colour == Colour::none || !has_colours()) return std::string(text);
  return "\033[" + std::string(code_of(colour)) + "m" + std::string(text) + "\033[0m";
}

std::string coloured_status(std::string_view word, std::size_t width) {
  const std::size_t taken = columns(word);
  return coloured(word, colour_of(word)) + std::string(width > taken ? width - taken : 0, ' ');
}

}  // namespace gateway::cli
