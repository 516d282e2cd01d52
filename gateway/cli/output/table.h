#pragma once
// Tables for people. They fit the terminal: columns are wrapped by word, keys are shortened, and
// columns that matter less are left out where that is not enough. JSON is for programs.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gateway::cli {

enum class Fit : std::uint8_t {
  wrap,     // broken between words, and inside of words that are too long
  whole,    // kept in one piece: words of a fixed set, numbers, keys that are copied
  shorten,  // an id or key: its middle may be left out
  status,   // whole, and coloured by its meaning
};

struct Column {
  std::string heading;
  Fit fit = Fit::wrap;
  bool optional = false;  // left out where lines would not fit, the last such column first
};

class Table {
 public:
  explicit Table(std::vector<Column> columns);
  // As many cells as columns. Control characters in them are replaced.
  void add(std::vector<std::string> row);
  bool empty() const { return rows_.empty(); }
  // Lines of at most `width` columns, the heading first; empty without rows.
  std::string text(std::size_t width) const;
  // As wide as the output.
  std::string text() const;

 private:
  std::vector<std::size_t> natural_widths() const;
  std::size_t floor_of(std::size_t column, std::size_t natural, bool hard) const;
  std::vector<std::size_t> layout(std::size_t limit) const;
  std::vector<std::string> lines_of(std::size_t column, const std::string& cell,
                                    std::size_t width) const;
  void write(const std::vector<std::string>& row, const std::vector<std::size_t>& widths,
             std::string& out) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::string> headings_;
};

}  // namespace gateway::cli
