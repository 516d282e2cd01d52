// What the newest nats-server reads and older ones refuse, and what none of them takes.

#include "gateway/config/config.h"
#include "gateway/natsconf/parser.h"
#include "tests/support/catch.h"

using gateway::NatsMap;
using gateway::NatsValue;

namespace {

NatsValue read(const std::string& text) {
  const auto none = [](std::string_view) { return std::nullopt; };
  const auto bom = [](const std::string& path) -> std::optional<std::string> {
    return path == "bom.conf" ? std::optional<std::string>{"\ufeffb: c\n"} : std::nullopt;
  };
  return gateway::read_nats_config(text, "nats.conf", {.read_file = bom, .environment = none});
}

std::string text_of(const std::string& value) {
  const NatsValue root = read("a: " + value);
  const auto* text = root.get<NatsMap>()->at("a").get<std::string>();
  return text != nullptr ? *text : "not a string";
}

std::string complaint(const std::string& text) {
  try {
    static_cast<void>(read(text));
  } catch (const auth::ConfigError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("parser: digits, the letter of a size and a digit begin a string", "[nats_config]") {
  const std::string value =
      GENERATE(as<std::string>{}, "4e2abc", "0K1abc", "7M2x", "4e2", "8m4dwr", "5e7bcd-abc10",
               "1kb5", "1m30s", "1P0", "2t9", "3G3", "-1k5", "-1kx", "1k-1");
  CHECK(text_of(value) == value);
  CHECK(text_of(value + "\n") == value);
  CHECK(text_of(value + ", b: c") == value);
  CHECK(read("a { b: " + value + "}").get<NatsMap>()->contains("a"));
  CHECK(read("cluster { authorization { user: r, password: " + value + " } }\nport: 1\n")
            .get<NatsMap>()
            ->contains("port"));
}

TEST_CASE("parser: a size beyond 64 bits goes round as on nats-server", "[nats_config]") {
  CHECK(*read("a: 10e").get<NatsMap>()->at("a").get<std::int64_t>() == -8446744073709551616);
  CHECK(*read("a: 16eib").get<NatsMap>()->at("a").get<std::int64_t>() == 0);
}

TEST_CASE("parser: a date is one of the calendar and the clock", "[nats_config]") {
  CHECK(text_of("2004-02-29T23:59:59Z") == "2004-02-29T23:59:59Z");
  CHECK(text_of("0000-01-01T00:00:00Z") == "0000-01-01T00:00:00Z");
  const std::string bad =
      GENERATE(as<std::string>{}, "2006-02-29T15:04:05Z", "2006-13-02T15:04:05Z",
               "2006-00-02T15:04:05Z", "2006-01-00T15:04:05Z", "2006-01-02T24:04:05Z",
               "2006-01-02T15:60:05Z", "2006-01-02T15:04:60Z");
  CHECK(complaint("a: " + bad) == "nats.conf:1: a date must be in full: 2006-01-02T15:04:05Z");
}

TEST_CASE("parser: a byte order mark is named, in an included file too", "[nats_config]") {
  CHECK(complaint("\ufeffport: 1").starts_with("nats.conf:1: begins with a byte order mark"));
  CHECK(complaint("\ufeff").starts_with("nats.conf:1: begins with a byte order mark"));
  CHECK(complaint("include bom.conf\n").starts_with("bom.conf:1: begins with a byte order mark"));
  CHECK(complaint("a: '\ufeff'") == "none");
}
