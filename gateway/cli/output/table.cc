#include "gateway/cli/output/table.h"

#include <algorithm>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace gateway::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 8;

// Characters and not bytes: continuation bytes of UTF-8 take no column.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// The text in exactly `width` columns, its end cut off where it is too long.
std::string fitted(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text) + std::string(width - columns(text), ' ');
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    if ((static_cast<unsigned char>(text[end]) & 0xc0) != 0x80 && ++seen == width) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

bool colours() {
  return isatty(STDOUT_FILENO) == 1 &&
         std::getenv("NO_COLOR") == nullptr;  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

unsigned terminal_width() {
  winsize size{};
  if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

std::string coloured_status(std::string_view word, std::size_t width) {
  const std::string text = fitted(word, std::max(width, columns(word)));
  if (!colours()) return text;
  if (word == "active") return "\033[32m" + text + "\033[0m";
  if (word == "revoked") return "\033[31m" + text + "\033[0m";
  const bool barred = word == "suspended" || word == "expired" || word == "not_yet_valid";
  return barred ? "\033[33m" + text + "\033[0m" : text;
}

Table::Table(std::vector<std::string> head, std::size_t flexible)
    : flexible_(flexible), rows_{std::move(head)} {}

void Table::add(std::vector<std::string> row) {
  // Clients choose their own names, and a terminal obeys what is between its characters: also the
  // controls of two bytes, C2 80 to C2 9F.
  for (std::string& cell : row) {
    for (std::size_t i = 0; i < cell.size(); ++i) {
      const auto byte = static_cast<unsigned char>(cell[i]);
      const auto next = static_cast<unsigned char>(i + 1 < cell.size() ? cell[i + 1] : 0);
      if (byte < 0x20 || byte == 0x7f) cell[i] = '?';
      if (byte == 0xc2 && next >= 0x80 && next < 0xa0) cell.replace(i, 2, "?");
    }
  }
  rows_.push_back(std::move(row));
}

std::string Table::text(std::size_t status) const {
  if (rows_.size() == 1) return "";
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], columns(row[i]));
  }
  std::size_t total = kGap * (widths.size() - 1);
  for (const std::size_t width : widths)
    total += width;
  if (const std::size_t limit = terminal_width(); limit > 0 && total > limit) {
    const std::size_t over = total - limit;
    std::size_t& width = widths[flexible_];
    width = width > over + kNarrowest ? width - over : std::min(width, kNarrowest);
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i == status ? coloured_status(row[i], widths[i]) : fitted(row[i], widths[i]);
      line += std::string(kGap, ' ');
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

}  // namespace gateway::cli
