#include "gateway/cli/output/progress.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include <unistd.h>

namespace gateway::cli {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::uint64_t kBar = 30;

std::string bar(std::uint64_t done, std::uint64_t total) {
  const std::uint64_t filled = std::min(kBar, done * kBar / total);
  return "[" + std::string(filled, '#') + std::string(kBar - filled, ' ') + "] " +
         std::to_string(std::min<std::uint64_t>(100, done * 100 / total)) + " %  ";
}

}  // namespace

Progress::Progress(std::string what, std::uint64_t total)
    : what_(std::move(what)),
      total_(total),
      shown_(isatty(STDERR_FILENO) == 1),
      began_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (shown_) std::cerr << "\r\033[K" << std::flush;
}

void Progress::at(std::uint64_t done) {
  const auto now = std::chrono::steady_clock::now();
  if (!shown_ || now - drawn_ < kRedraw) return;
  drawn_ = now;
  const auto seconds = std::max(1.0, std::chrono::duration<double>(now - began_).count());
  std::string line = "\r\033[K" + what_ + "  ";
  if (total_ > 0) line += bar(done, total_);
  line += std::to_string(done) + (total_ > 0 ? " of " + std::to_string(total_) : "") + "  " +
          std::to_string(static_cast<std::uint64_t>(static_cast<double>(done) / seconds)) + "/s";
  std::cerr << line << std::flush;
}

}  // namespace gateway::cli
