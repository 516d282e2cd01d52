#include "gateway/log.h"

#include "tests/unit/catch.h"

using gateway::escaped;

TEST_CASE("no value can end a log line, begin a field or steer a terminal") {
  struct Case {
    const char* what;
    std::string value;
    const char* shown;
  };
  const auto row = GENERATE(values<Case>({
      {"plain text", "shop 7", "\"shop 7\""},
      {"a quote", "a\" event=granted x=\"", "\"a\\x22 event=granted x=\\x22\""},
      {"a backslash", "a\\x22", "\"a\\x5cx22\""},
      {"a line feed", "a\nevent=granted", "\"a\\x0aevent=granted\""},
      {"a terminal's escape", "\x1b[31m", "\"\\x1b[31m\""},
      {"letters of other scripts", "caf\xc3\xa9", "\"caf\xc3\xa9\""},
      {"half a letter", "caf\xc3", "\"caf\\xc3\""},
      {"a C1 control",
       "\xc2\x9b"
       "31m",
       "\"\\xc2\\x9b31m\""},
      {"text that runs backwards",
       "\xe2\x80\xae"
       "abc",
       "\"\\xe2\\x80\\xae"
       "abc\""},
      {"a NUL", std::string("a\0b", 3), "\"a\\x00b\""},
  }));
  CAPTURE(row.what);
  CHECK(escaped(row.value) == row.shown);
}

TEST_CASE("a value of any length makes a line of bounded length") {
  CHECK(escaped(std::string(100'000, 'a')).size() < 300);
  CHECK(escaped(std::string(100'000, '\n')).size() < 1100);
}
