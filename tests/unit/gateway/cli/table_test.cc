#include "gateway/cli/output/table.h"

#include <sstream>
#include <string>
#include <vector>

#include "gateway/cli/output/text_layout.h"
#include "tests/support/catch.h"

using gateway::cli::columns;
using gateway::cli::Fit;
using gateway::cli::paragraph;
using gateway::cli::shorten;
using gateway::cli::Table;
using gateway::cli::without_controls;
using gateway::cli::wrap;

using Lines = std::vector<std::string>;

TEST_CASE("text_layout: lines are broken between words, and a long word after a mark",
          "[gateway]") {
  struct Row {
    const char* text;
    std::size_t width;
    Lines lines;
  };
  const Row rows[] = {
      {"", 5, {""}},
      {"one two three", 20, {"one two three"}},
      {"one two three", 7, {"one two", "three"}},
      {"one  two", 3, {"one", "two"}},
      {"abcdefgh", 3, {"abc", "def", "gh"}},
      {"to orders.eu.berlin", 10, {"to", "orders.eu.", "berlin"}},
      {"äöü äöü", 3, {"äöü", "äöü"}},
      {"äöüß", 3, {"äöü", "ß"}},
      {"x", 0, {"x"}},
  };
  for (const Row& row : rows) {
    INFO(row.text << " in " << row.width);
    CHECK(wrap(row.text, row.width) == row.lines);
  }
}

TEST_CASE("text_layout: a paragraph hangs below its head and keeps long words", "[gateway]") {
  CHECK(paragraph("do  ", 4, "a bb ccc", 8) == "do  a bb\n    ccc\n");
  CHECK(paragraph("", 2, "/a/very/long/path x", 8) == "/a/very/long/path\n  x\n");
  CHECK(paragraph("head", 4, "", 8) == "head\n");
}

TEST_CASE("text_layout: a key is shortened in its middle", "[gateway]") {
  CHECK(shorten("ABCDEFGHIJ", 10) == "ABCDEFGHIJ");
  CHECK(shorten("ABCDEFGHIJ", 7) == "ABC…HIJ");
  CHECK(shorten("ABCDEFGHIJ", 2) == "AB");
  CHECK(columns(shorten("äöüäöüäöü", 6)) == 6);
}

TEST_CASE("text_layout: control characters become question marks", "[gateway]") {
  CHECK(without_controls("a\x1b[31m\x7f") == "a?[31m?");
  CHECK(without_controls("a\xc2\x9b"
                         "b") == "a?b");
  CHECK(without_controls("grün") == "grün");
}

TEST_CASE("table: fits, and says as much as there is room for", "[gateway]") {
  Table table{{{"NAME"}, {"KEY", Fit::shorten}, {"N", Fit::whole}, {"MORE", Fit::wrap, true}}};
  table.add({"one", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345", "some words"});
  SECTION("all of it where there is room") {
    CHECK(table.text(60) ==
          "NAME  KEY                         N      MORE\n"
          "one   ABCDEFGHIJKLMNOPQRSTUVWXYZ  12345  some words\n");
  }
  SECTION("less of a key, and words on several lines") {
    CHECK(table.text(36) ==
          "NAME  KEY            N      MORE\n"
          "one   ABCDEF…UVWXYZ  12345  some\n"
          "                            words\n");
  }
  SECTION("without the columns that matter less") {
    CHECK(table.text(28) ==
          "NAME  KEY              N\n"
          "one   ABCDEFG…TUVWXYZ  12345\n");
  }
}

TEST_CASE("table: no line is wider than the terminal, however wide the cells are", "[gateway]") {
  Table table{{{"SERVER"}, {"CID", Fit::whole}, {"ADDRESS"}, {"CLIENT"}, {"IN", Fit::wrap, true}}};
  table.add({std::string(70, 's'), "18446744073709551615", "2001:db8::1234:5678:9abc:def0",
             "a client with a long name", "1/2B"});
  for (const std::size_t width : {std::size_t{50}, std::size_t{80}, std::size_t{120}}) {
    std::istringstream text{table.text(width)};
    for (std::string line; std::getline(text, line);) {
      INFO(line);
      CHECK(columns(line) <= width);
    }
  }
}

TEST_CASE("table: without rows it is empty, without its heading", "[gateway]") {
  CHECK(Table{{{"NAME"}}}.text(80).empty());
}
