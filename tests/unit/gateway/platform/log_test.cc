#include "gateway/platform/log.h"

#include <algorithm>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/support/captured.h"
#include "tests/support/catch.h"

using gateway::escaped;

TEST_CASE("log: no value can end a log line, begin a field or steer a terminal", "[platform]") {
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

TEST_CASE("log: a line of JSON holds what the line of text does", "[platform]") {
  made::Captured captured{STDERR_FILENO};
  gateway::log_as(gateway::LogFormat::json);
  gateway::log(gateway::Level::warning, "dropped",
               {{"reason", "a\"b\n"}, {"empty", ""}, {"half", "caf\xc3"}});
  gateway::log_as(gateway::LogFormat::text);
  const std::string line = captured.end();
  CHECK(std::ranges::count(line, '\n') == 1);
  const auto json = nlohmann::json::parse(line);
  CHECK(json.at("level") == "warning");
  CHECK(json.at("event") == "dropped");
  CHECK(json.at("reason") == "a\"b\n");
  CHECK_FALSE(json.contains("empty"));
  CHECK(json.at("half") == "caf\xef\xbf\xbd");
  CHECK(json.at("at").get<std::string>().ends_with("Z"));
}

TEST_CASE("log: a value of any length makes a line of bounded length", "[platform]") {
  CHECK(escaped(std::string(100'000, 'a')).size() < 300);
  CHECK(escaped(std::string(100'000, '\n')).size() < 1100);
}

TEST_CASE("log: of many lines for one reason some are counted, and all others are written",
          "[platform]") {
  constexpr std::size_t kLines = 400;  // fit into the pipe that captures them
  made::Captured captured{STDERR_FILENO};
  for (std::size_t i = 0; i < kLines; ++i)
    gateway::log_limited(gateway::Level::info, "flood", {{"reason", "a"}});
  gateway::log_limited(gateway::Level::info, "flood", {{"reason", "b"}});
  gateway::log(gateway::Level::info, "kicked", {{"reason", "a"}});
  gateway::log_suppressed();
  gateway::log_suppressed();  // of none, nothing is said
  const std::string text = captured.end();
  const auto count = [&](const std::string& what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
      ++n;
    return n;
  };
  const std::size_t written = count("event=flood reason=\"a\"");
  CHECK(written >= gateway::kMaxBurst);
  CHECK(written < kLines);
  CHECK(count("event=flood reason=\"b\"") == 1);
  CHECK(count("event=kicked") == 1);
  CHECK(count("event=suppressed") == 1);
  CHECK(count("event=suppressed lines=\"" + std::to_string(kLines - written) +
              "\" of=\"flood\" reason=\"a\"") == 1);
}

TEST_CASE("log: who causes many lines takes no other's, and the actors are bounded", "[platform]") {
  const auto info = gateway::Level::info;
  const auto tell = [&](const std::string& actor) {
    gateway::log_limited(info, "asked", {.reason = "usage", .actor = actor}, {{"who", actor}});
  };
  const auto count = [](const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
      ++n;
    return n;
  };
  made::Captured first{STDERR_FILENO};
  for (std::size_t i = 0; i < 300; ++i)
    tell("mallory");
  tell("alice");
  gateway::log_suppressed();
  const std::string text = first.end();
  CHECK(count(text, "who=\"mallory\"") < 150);
  CHECK(count(text, "who=\"alice\"") == 1);
  CHECK(count(text, "of=\"asked\" reason=\"usage\" actor=\"mallory\"") == 1);

  made::Captured second{STDERR_FILENO};
  for (std::size_t i = 0; i < gateway::kMaxLimits; ++i)
    tell("a" + std::to_string(i));
  static_cast<void>(second.end());
  made::Captured third{STDERR_FILENO};
  for (std::size_t i = 0; i < 300; ++i)
    tell("b" + std::to_string(i));
  CHECK(count(third.end(), "event=asked") < 150);
}
