#include "gateway/cli/output/table.h"

#include <algorithm>
#include <utility>

#include "gateway/cli/output/terminal.h"
#include "gateway/cli/output/text_layout.h"

namespace gateway::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kShortKey = 13;  // enough to tell keys apart by eye
constexpr std::size_t kLongWord = 20;  // a longer one may be broken
constexpr std::size_t kNarrowest = 6;  // of a column, whatever is in it

// A width of zero is a column that is left out.
std::size_t total(const std::vector<std::size_t>& widths) {
  std::size_t sum = 0;
  for (const std::size_t width : widths)
    sum += width == 0 ? 0 : width + kGap;
  return sum == 0 ? 0 : sum - kGap;
}

// Takes from the widest column that may still become narrower, until all fit; false if they cannot.
bool shrink(std::vector<std::size_t>& widths, const std::vector<std::size_t>& floors,
            std::size_t limit) {
  for (std::size_t over = total(widths); over > limit; --over) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] <= floors[i]) continue;
      if (widest == widths.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == widths.size()) return false;
    --widths[widest];
  }
  return true;
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_)
    headings_.push_back(column.heading);
}

void Table::add(std::vector<std::string> row) {
  for (std::string& cell : row)
    cell = without_controls(std::move(cell));
  rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::natural_widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = columns(headings_[i]);
    for (const auto& row : rows_)
      width = std::max(width, columns(row[i]));
    widths.push_back(width);
  }
  return widths;
}

// How narrow a column may become; `hard`: although words must be broken then.
std::size_t Table::floor_of(std::size_t column, std::size_t natural, bool hard) const {
  const std::size_t heading = longest_word(headings_[column]);
  switch (columns_[column].fit) {
    case Fit::whole:
    case Fit::status:
      return natural;
    case Fit::shorten:
      return std::min(natural, std::max(heading, kShortKey));
    case Fit::wrap:
      break;
  }
  std::size_t word = heading;
  if (hard) return std::min(natural, std::max(heading, kNarrowest));
  for (const auto& row : rows_)
    word = std::max(word, std::min(longest_word(row[column]), kLongWord));
  return std::min(natural, word);
}

std::vector<std::size_t> Table::layout(std::size_t limit) const {
  std::vector<std::size_t> widths = natural_widths();
  std::vector<bool> shown(widths.size(), true);
  for (const bool hard : {false, true}) {
    for (std::size_t last = columns_.size();;) {
      std::vector<std::size_t> floors;
      std::vector<std::size_t> tried;
      for (std::size_t i = 0; i < widths.size(); ++i) {
        tried.push_back(shown[i] ? widths[i] : 0);
        floors.push_back(shown[i] ? floor_of(i, widths[i], hard) : 0);
      }
      if (shrink(tried, floors, limit)) return tried;
      if (hard) return tried;
      while (last > 0 && !columns_[last - 1].optional)
        --last;
      if (last == 0) break;
      shown[--last] = false;
    }
  }
  return widths;
}

std::vector<std::string> Table::lines_of(std::size_t column, const std::string& cell,
                                         std::size_t width) const {
  if (columns_[column].fit == Fit::shorten) return {shorten(cell, width)};
  return wrap(cell, width);
}

void Table::write(const std::vector<std::string>& row, const std::vector<std::size_t>& widths,
                  std::string& out) const {
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 1;
  for (std::size_t i = 0; i < row.size(); ++i) {
    cells.push_back(widths[i] == 0 ? std::vector<std::string>{} : lines_of(i, row[i], widths[i]));
    height = std::max(height, cells.back().size());
  }
  for (std::size_t at = 0; at < height; ++at) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths[i] == 0) continue;
      const std::string cell = at < cells[i].size() ? cells[i][at] : "";
      const std::size_t taken = columns(cell);
      const bool status = columns_[i].fit == Fit::status;
      line += status ? coloured_status(cell, 0) : cell;
      line += std::string(std::max(widths[i], taken) - taken + kGap, ' ');
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
}

std::string Table::text(std::size_t width) const {
  if (rows_.empty()) return "";
  const std::vector<std::size_t> widths = layout(width);
  std::string out;
  write(headings_, widths, out);
  for (const auto& row : rows_)
    write(row, widths, out);
  return out;
}

std::string Table::text() const {
  return text(output_width());
}

}  // namespace gateway::cli
