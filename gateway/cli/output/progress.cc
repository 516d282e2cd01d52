#include "gateway/cli/output/progress.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

#include "gateway/cli/output/text_layout.h"

namespace gateway::cli {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::uint64_t kBar = 20;
constexpr const char* kClear = "\r\033[K";

bool has_terminal() {
  return isatty(STDERR_FILENO) == 1;
}

std::size_t error_width() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string bar(std::uint64_t done, std::uint64_t total) {
  const std::uint64_t filled = std::min(kBar, done * kBar / total);
  return "[" + std::string(filled, '#') + std::string(kBar - filled, ' ') + "] " +
         std::to_string(std::min<std::uint64_t>(100, done * 100 / total)) + " %  ";
}

std::string left_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
  if (whole < 120) return "  " + std::to_string(whole) + " s left";
  return "  " + std::to_string(whole / 60) + " min left";
}

}  // namespace

std::string progress_line(const std::string& what, std::uint64_t done, std::uint64_t total,
                          std::chrono::duration<double> taken, std::size_t width) {
  // In the first second the rate is that of the start, or of one step.
  const double rate = taken.count() < 1 ? 0 : static_cast<double>(done) / taken.count();
  std::string text = std::to_string(done) + (total > 0 ? " of " + std::to_string(total) : "");
  if (rate > 0) text += "  " + std::to_string(static_cast<std::uint64_t>(rate)) + "/s";
  if (total > done && rate > 0) text += left_text(static_cast<double>(total - done) / rate);
  const std::string whole = what + "  " + (total > 0 ? bar(done, total) : "") + text;
  // A terminal breaks a line that is longer, and could not clear the first part.
  if (columns(whole) < width) return whole;
  return shorten(what + "  " + text, std::max<std::size_t>(width, 4) - 1);
}

Progress::Progress(std::string what, std::uint64_t total)
    : what_(std::move(what)),
      total_(total),
      shown_(has_terminal()),
      began_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (shown_) std::cerr << kClear << std::flush;
}

void Progress::at(std::uint64_t done) {
  const auto now = std::chrono::steady_clock::now();
  if (!shown_ || now - drawn_ < kRedraw) return;
  drawn_ = now;
  std::cerr << kClear << progress_line(what_, done, total_, now - began_, error_width())
            << std::flush;
}

}  // namespace gateway::cli
