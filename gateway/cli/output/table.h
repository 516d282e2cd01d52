#pragma once
// Text output for people: tables that fit the terminal, and colours only on a terminal.

#include <string>
#include <string_view>
#include <vector>

namespace gateway::cli {

// The number of columns of the terminal on standard output; 0 if it is not a terminal.
unsigned terminal_width();

// `word` in the colour of its meaning (active, suspended, expired, not_yet_valid, revoked), if
// standard output is a terminal and $NO_COLOR is not set.
std::string coloured_status(std::string_view word, std::size_t width);

// Rows with a header; columns are as wide as their widest cell. On a terminal the column `flexible`
// is cut so that lines fit.
class Table {
 public:
  Table(std::vector<std::string> head, std::size_t flexible);
  void add(std::vector<std::string> row);
  static constexpr std::size_t kNoStatus = ~std::size_t{0};
  // `status`: the column to colour, or kNoStatus. Empty if there are no rows.
  std::string text(std::size_t status) const;

 private:
  std::size_t flexible_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace gateway::cli
