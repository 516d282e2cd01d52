#include "auth/base/time_format.h"

#include "tests/support/catch.h"

namespace auth {
namespace {

using namespace std::chrono_literals;

Time at(std::int64_t seconds) {
  return Time{std::chrono::seconds{seconds}};
}

TEST_CASE("time_format: a moment is written in UTC and read back", "[base]") {
  const auto [seconds, text] = GENERATE(table<std::int64_t, const char*>({
      {0, "1970-01-01T00:00:00Z"},
      {1, "1970-01-01T00:00:01Z"},
      {951'782'400, "2000-02-29T00:00:00Z"},
      {1'795'472'011, "2026-11-23T22:13:31Z"},
      {2'147'483'648, "2038-01-19T03:14:08Z"},
      {4'102'444'800, "2100-01-01T00:00:00Z"},
      {253'402'300'799, "9999-12-31T23:59:59Z"},
  }));
  CAPTURE(text);
  CHECK(write_time(at(seconds)) == text);
  CHECK(read_time(text) == at(seconds));
}

TEST_CASE("time_format: a date alone is its first second", "[base]") {
  CHECK(read_time("2026-11-23") == read_time("2026-11-23T00:00:00Z"));
  CHECK(read_time("2028-02-29") == read_time("2028-02-29T00:00:00Z"));
}

TEST_CASE("time_format: any other spelling of a moment is none", "[base]") {
  using namespace std::string_view_literals;
  const auto text = GENERATE(values<std::string_view>({
      ""sv,
      "now"sv,
      "2026"sv,
      "2026-11"sv,
      "2026-11-2"sv,
      "2026-1-23"sv,
      "26-11-23"sv,
      "1969-12-31"sv,
      "0000-01-01"sv,
      "2026-00-23"sv,
      "2026-13-23"sv,
      "2026-11-00"sv,
      "2026-11-31"sv,
      "2027-02-29"sv,
      "2100-02-29"sv,
      "2026-11-99"sv,
      "2026/11/23"sv,
      "20261123"sv,
      "2026-+1-23"sv,
      "2026--1-23"sv,
      "-026-11-23"sv,
      "2026- 1-23"sv,
      "2026-0x-23"sv,
      "10000-01-01"sv,
      "10000-01-01T00:00:00Z"sv,
      " 2026-11-23"sv,
      "2026-11-23 "sv,
      "2026-11-23T"sv,
      "2026-11-23T22:13Z"sv,
      "2026-11-23T22:13:31"sv,
      "2026-11-23T22:13:31z"sv,
      "2026-11-23t22:13:31Z"sv,
      "2026-11-23 22:13:31Z"sv,
      "2026-11-23T22:13:31.5Z"sv,
      "2026-11-23T22:13:31+00:00"sv,
      "2026-11-23T22:13:31ZZ"sv,
      "2026-11-23T24:00:00Z"sv,
      "2026-11-23T22:60:00Z"sv,
      "2026-11-23T22:13:60Z"sv,
      "2026-11-23T-2:13:31Z"sv,
      "2026-11-23T22-13-31Z"sv,
      "2026-11-23T22:13:3\0Z"sv,
  }));
  CAPTURE(text);
  CHECK_FALSE(read_time(text));
}

TEST_CASE("time_format: a moment with its end cut off is none, but for the date", "[base]") {
  const std::string_view text = "2026-11-23T22:13:31Z";
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK(read_time(text.substr(0, size)).has_value() == (size == 10));
  }
}

TEST_CASE("time_format: a duration is read in one unit and written in the largest that divides it",
          "[base]") {
  const auto [text, span, written] =
      GENERATE(table<const char*, std::chrono::seconds, const char*>({
          {"1s", 1s, "1s"},
          {"90s", 90s, "90s"},
          {"60s", 1min, "1m"},
          {"90m", 90min, "90m"},
          {"120m", 2h, "2h"},
          {"24h", 24h, "1d"},
          {"30d", 30 * 24h, "30d"},
          {"14d", 14 * 24h, "2w"},
          {"2w", 14 * 24h, "2w"},
          {"007s", 7s, "7s"},
          {"36500d", 36'500 * 24h, "36500d"},
          {"5214w", 36'498 * 24h, "5214w"},
          {"3153600000s", 36'500 * 24h, "36500d"},
      }));
  CAPTURE(text);
  CHECK(read_duration(text) == span);
  CHECK(write_duration(span) == written);
}

TEST_CASE("time_format: any other spelling of a duration is none", "[base]") {
  using namespace std::string_view_literals;
  const auto text = GENERATE(values<std::string_view>({
      ""sv,
      "s"sv,
      "1"sv,
      "90"sv,
      "0s"sv,
      "0d"sv,
      "-1s"sv,
      "+1s"sv,
      " 1s"sv,
      "1s "sv,
      "1 s"sv,
      "1.5h"sv,
      "1h30m"sv,
      "1S"sv,
      "1D"sv,
      "1y"sv,
      "1ms"sv,
      "0x1s"sv,
      "1e3s"sv,
      "s1"sv,
      "36501d"sv,
      "5215w"sv,
      "876001h"sv,
      "3153600001s"sv,
      "9223372036854775807s"sv,
      "9223372036854775807w"sv,
      "9223372036854775808s"sv,
      "18446744073709551617s"sv,
      "1\0s"sv,
      "1s\0"sv,
  }));
  CAPTURE(text);
  CHECK_FALSE(read_duration(text));
}

TEST_CASE("time_format: no span is written as zero seconds", "[base]") {
  CHECK(write_duration(0s) == "0s");
}

}  // namespace
}  // namespace auth

TEST_CASE("time_format: a moment is read as Go writes it, whatever the zone", "[base]") {
  const auto micros = [](const char* text) {
    const auto at = auth::read_instant(text);
    return at ? at->time_since_epoch().count() : -1;
  };
  CHECK(micros("2026-11-24T18:55:00Z") == 1'795'546'500'000'000);
  CHECK(micros("2026-11-24T18:55:00.5Z") == 1'795'546'500'500'000);
  CHECK(micros("2026-11-24T18:55:00.185483272Z") == 1'795'546'500'185'483);
  CHECK(micros("2026-11-24T20:25:00.185483272+01:30") == 1'795'546'500'185'483);
  CHECK(micros("2026-11-24T13:55:00-05:00") == 1'795'546'500'000'000);
  for (const char* text :
       {"", "2026-11-24T18:55:00", "2026-11-24T18:55:00.Z", "2026-11-24T18:55:00.1234567891Z",
        "2026-11-24T18:55:00.5", "2026-11-24T18:55:00+0100", "2026-11-24T18:55:00+24:00",
        "2026-11-24T18:55:00Zx", "2026-13-24T18:55:00Z", "2026-11-24 18:55:00Z"}) {
    CAPTURE(text);
    CHECK(micros(text) == -1);
  }
}
