#pragma once
// Text for people: a table that fits their terminal, and colour only there.

#include <string>
#include <string_view>
#include <vector>

namespace gateway::cli {

// Columns of standard output's terminal; 0 where it is none.
unsigned terminal_width();

// `word` in a colour by what it means (active, suspended, revoked), where standard output is a
// terminal and $NO_COLOR is not set.
std::string coloured_status(std::string_view word, std::size_t width);

// Rows under a head, columns as wide as their widest cell. On a terminal the column `flexible` is
// cut so that lines fit; elsewhere nothing is cut.
class Table {
 public:
  Table(std::vector<std::string> head, std::size_t flexible);
  void add(std::vector<std::string> row);
  static constexpr std::size_t kNoStatus = ~std::size_t{0};
  // `status`: the column to colour, or none. Empty text where there is no row.
  std::string text(std::size_t status) const;

 private:
  std::size_t flexible_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace gateway::cli
