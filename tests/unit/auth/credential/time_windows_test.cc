#include "auth/credential/time_windows.h"

#include <vector>

#include "tests/support/catch.h"

namespace auth {
namespace {

using Texts = std::vector<std::string_view>;

using namespace std::chrono_literals;
using std::chrono::sys_days;

constexpr std::chrono::year_month_day kDay = 2026y / 6 / 15;

Time at(std::string_view clock, std::chrono::year_month_day date = kDay) {
  return sys_days{date} + read_time_range(std::string{clock} + "-00:00").value().start;
}

std::optional<std::chrono::seconds> no_zone(std::string_view /*zone*/, Time /*at*/) {
  return std::nullopt;
}

std::vector<TimeRange> ranges(std::initializer_list<std::string_view> texts) {
  std::vector<TimeRange> list;
  for (const auto text : texts)
    list.push_back(read_time_range(text).value());
  return list;
}

// As Europe/Berlin in 2026: an hour forward on 29 March at 02:00, an hour back on 25 October at
// 03:00, both at 01:00 UTC.
constexpr auto kSpring = 2026y / 3 / 29;
constexpr auto kAutumn = 2026y / 10 / 25;
std::optional<std::chrono::seconds> berlin(std::string_view zone, Time moment) {
  if (zone != "Europe/Berlin") return std::nullopt;
  const bool summer = moment >= sys_days{kSpring} + 1h && moment < sys_days{kAutumn} + 1h;
  return summer ? 2h : 1h;
}

std::optional<Time> in_berlin(std::string_view range, Time now) {
  return inside_until(ranges({range}), "Europe/Berlin", now, berlin);
}

std::optional<Time> in_utc(std::initializer_list<std::string_view> list, Time now) {
  return inside_until(ranges(list), "", now, no_zone);
}

TEST_CASE("time_windows: a range of times is read with and without seconds and written with them",
          "[credential]") {
  struct Row {
    std::string_view text;
    std::string written;
  };
  const Row rows[] = {
      {"08:00-17:30", "08:00:00-17:30:00"},       {"08:00:01-17:30:59", "08:00:01-17:30:59"},
      {"08:00-17:30:59", "08:00:00-17:30:59"},    {"22:00-06:00", "22:00:00-06:00:00"},
      {"00:00-00:00", "00:00:00-00:00:00"},       {"00:00-24:00", "00:00:00-00:00:00"},
      {"18:00:00-24:00:00", "18:00:00-00:00:00"}, {"23:59:59-23:59:58", "23:59:59-23:59:58"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto range = read_time_range(row.text);
    REQUIRE(range);
    CHECK(write_time_range(*range) == row.written);
    CHECK(read_time_range(row.written) == range);
  }
  CHECK(read_time_range("01:02:03-04:05:06") == TimeRange{3723s, 14706s});
}

TEST_CASE("time_windows: what is not exactly a range of times is not read as one", "[credential]") {
  using namespace std::string_view_literals;
  for (const auto text : Texts{"",
                               "-",
                               "08:00",
                               "08:00-",
                               "-17:00",
                               "8:00-17:00",
                               "08:00-1700",
                               "08:00 -17:00",
                               "08:00- 17:00",
                               " 08:00-17:00",
                               "08:00-17:00 ",
                               "08:00--17:00",
                               "08:00-17:00-18:00",
                               "08.00-17.00",
                               "24:00-08:00",
                               "24:00:00-08:00",
                               "08:00-24:00:01",
                               "08:00-24:01",
                               "08:00-25:00",
                               "08:60-17:00",
                               "08:00:60-17:00",
                               "08:00:0-17:00",
                               "08:00:000-17:00",
                               "+8:00-17:00",
                               "0x:00-17:00",
                               "08:00\0-17:00"sv,
                               "08:00-17:0a",
                               "٠٨:٠٠-17:00"}) {
    CAPTURE(text);
    CHECK_FALSE(read_time_range(text));
  }
}

TEST_CASE("time_windows: a range holds its start and not its end", "[credential]") {
  CHECK(in_utc({"08:00-17:00"}, at("08:00")) == at("17:00"));
  CHECK(in_utc({"08:00-17:00"}, at("16:59:59")) == at("17:00"));
  CHECK_FALSE(in_utc({"08:00-17:00"}, at("17:00")));
  CHECK_FALSE(in_utc({"08:00-17:00"}, at("07:59:59")));
}

TEST_CASE("time_windows: a range over midnight holds the evening and the morning after",
          "[credential]") {
  const auto tomorrow = 2026y / 6 / 16;
  CHECK(in_utc({"22:00-06:00"}, at("22:00")) == at("06:00", tomorrow));
  CHECK(in_utc({"22:00-06:00"}, at("23:59:59")) == at("06:00", tomorrow));
  CHECK(in_utc({"22:00-06:00"}, at("00:00")) == at("06:00"));
  CHECK(in_utc({"22:00-06:00"}, at("05:59:59")) == at("06:00"));
  CHECK_FALSE(in_utc({"22:00-06:00"}, at("06:00")));
  CHECK_FALSE(in_utc({"22:00-06:00"}, at("21:59:59")));
}

TEST_CASE("time_windows: a range that ends where it starts is the whole day, and still ends",
          "[credential]") {
  const auto tomorrow = 2026y / 6 / 16;
  CHECK(in_utc({"00:00-24:00"}, at("00:00")) == at("00:00", tomorrow));
  CHECK(in_utc({"00:00-00:00"}, at("23:59:59")) == at("00:00", tomorrow));
  CHECK(in_utc({"10:00-10:00"}, at("10:00")) == at("10:00", tomorrow));
  CHECK(in_utc({"10:00-10:00"}, at("09:59:59")) == at("10:00"));
}

TEST_CASE("time_windows: of several ranges that hold now the latest end counts", "[credential]") {
  CHECK(in_utc({"08:00-12:00", "11:00-15:00", "09:00-10:00"}, at("11:30")) == at("15:00"));
  CHECK(in_utc({"11:00-15:00", "08:00-12:00"}, at("11:30")) == at("15:00"));
  CHECK(in_utc({"08:00-12:00", "12:00-15:00"}, at("11:59:59")) == at("12:00"));
  CHECK(in_utc({"08:00-12:00", "12:00-15:00"}, at("12:00")) == at("15:00"));
  CHECK_FALSE(in_utc({"08:00-12:00", "13:00-15:00"}, at("12:30")));
}

TEST_CASE("time_windows: without ranges no time lies inside", "[credential]") {
  CHECK_FALSE(in_utc({}, at("12:00")));
}

TEST_CASE("time_windows: in an unknown zone no time lies inside", "[credential]") {
  CHECK_FALSE(inside_until(ranges({"00:00-24:00"}), "Europe/Nowhere", at("12:00"), berlin));
}

TEST_CASE("time_windows: an empty location is UTC and asks for no zone", "[credential]") {
  CHECK(in_utc({"08:00-17:00"}, at("12:00")) == at("17:00"));
}

TEST_CASE("time_windows: the ranges are those of the zone's clock", "[credential]") {
  CHECK(in_berlin("08:00-17:00", at("06:00")) == at("15:00"));
  CHECK_FALSE(in_berlin("08:00-17:00", at("05:59:59")));
  CHECK_FALSE(in_berlin("08:00-17:00", at("15:00")));
  CHECK(in_berlin("00:00-06:00", at("22:00")) == at("04:00", 2026y / 6 / 16));
}

TEST_CASE("time_windows: a zone whose date is another than that of UTC has its own days",
          "[credential]") {
  const auto kiribati = [](std::string_view, Time) { return std::optional{14h + 0s}; };
  const auto baker_island = [](std::string_view, Time) { return std::optional{-12h + 0s}; };
  const auto morning = ranges({"01:00-09:00"});
  CHECK(inside_until(morning, "Z", at("11:00"), kiribati) == at("19:00"));
  CHECK(inside_until(morning, "Z", at("13:00"), baker_island) == at("21:00"));
  CHECK_FALSE(inside_until(morning, "Z", at("10:59"), kiribati));
  CHECK_FALSE(inside_until(morning, "Z", at("12:59"), baker_island));
}

TEST_CASE("time_windows: a night in which the clock is set forward ends by the new offset",
          "[credential]") {
  const Time end = at("04:00", kSpring);  // 06:00 summer time
  CHECK(in_berlin("22:00-06:00", at("21:00", 2026y / 3 / 28)) == end);
  CHECK(in_berlin("22:00-06:00", at("00:59:59", kSpring)) == end);
  CHECK(in_berlin("22:00-06:00", at("01:00", kSpring)) == end);
  CHECK_FALSE(in_berlin("22:00-06:00", end));
}

TEST_CASE("time_windows: a night in which the clock is set back ends by the new offset",
          "[credential]") {
  const Time end = at("05:00", kAutumn);  // 06:00 winter time
  CHECK(in_berlin("22:00-06:00", at("20:00", 2026y / 10 / 24)) == end);
  CHECK(in_berlin("22:00-06:00", at("00:30", kAutumn)) == end);
  CHECK(in_berlin("22:00-06:00", at("01:30", kAutumn)) == end);
  CHECK_FALSE(in_berlin("22:00-06:00", end));
}

TEST_CASE("time_windows: a day that starts after a change of offset starts by the new one",
          "[credential]") {
  CHECK_FALSE(in_berlin("08:00-17:00", at("05:59:59", kSpring)));
  CHECK(in_berlin("08:00-17:00", at("06:00", kSpring)) == at("15:00", kSpring));
  CHECK_FALSE(in_berlin("08:00-17:00", at("06:59:59", kAutumn)));
  CHECK(in_berlin("08:00-17:00", at("07:00", kAutumn)) == at("16:00", kAutumn));
}

TEST_CASE("time_windows: a start or an end that the clock jumps over is the jump", "[credential]") {
  const Time jump = at("01:00", kSpring);
  CHECK(in_berlin("01:00-02:30", at("00:30", kSpring)) == jump);
  CHECK_FALSE(in_berlin("01:00-02:30", jump));
  CHECK_FALSE(in_berlin("02:30-04:00", jump - 1s));
  CHECK(in_berlin("02:30-04:00", jump) == at("02:00", kSpring));
  CHECK_FALSE(in_berlin("02:10-02:50", jump - 1s));
  CHECK_FALSE(in_berlin("02:10-02:50", jump));
}

TEST_CASE("time_windows: of a start or an end that the clock shows twice the first counts",
          "[credential]") {
  CHECK(in_berlin("01:00-02:30", at("00:00", kAutumn)) == at("00:30", kAutumn));
  CHECK_FALSE(in_berlin("01:00-02:30", at("00:30", kAutumn)));
  CHECK_FALSE(in_berlin("01:00-02:30", at("01:15", kAutumn)));
  CHECK(in_berlin("02:30-04:00", at("00:30", kAutumn)) == at("03:00", kAutumn));
  CHECK(in_berlin("02:30-04:00", at("01:15", kAutumn)) == at("03:00", kAutumn));
}

TEST_CASE("time_windows: a clock set back over midnight does not leave the new day's range",
          "[credential]") {
  // At 00:30 on the 15th the clock goes back to 23:30 on the 14th.
  const auto back_over_midnight = [](std::string_view, Time moment) {
    return std::optional{moment < sys_days{kDay} + 30min ? 0s : -3600s};
  };
  const auto morning = ranges({"00:00-08:00"});
  CHECK(inside_until(morning, "Z", at("00:10"), back_over_midnight) == at("09:00"));
  CHECK(inside_until(morning, "Z", at("00:40"), back_over_midnight) == at("09:00"));
  CHECK_FALSE(inside_until(morning, "Z", at("23:59:59", 2026y / 6 / 14), back_over_midnight));
}

TEST_CASE("time_windows: a day that a zone skips has no ranges", "[credential]") {
  // As Pacific/Apia in 2011, which went from -10 h to +14 h.
  const Time jump = sys_days{2011y / 12 / 30} + 10h;
  const auto apia = [&](std::string_view, Time moment) {
    return std::optional<std::chrono::seconds>{moment < jump ? -10h : 14h};
  };
  const auto night = ranges({"22:00-06:00"});
  CHECK(inside_until(night, "Z", jump - 1s, apia) == jump);
  CHECK(inside_until(night, "Z", jump, apia) == jump + 6h);
  CHECK_FALSE(inside_until(ranges({"08:00-20:00"}), "Z", jump, apia));
  CHECK(inside_until(ranges({"08:00-20:00"}), "Z", jump + 8h, apia) == jump + 20h);
}

TEST_CASE(
    "time_windows: ranges that meet on the clock cover every moment once, on days with a change "
    "too",
    "[credential]") {
  const auto parts = {"00:15-02:20", "02:20-02:40", "02:40-03:00", "03:00-16:00", "16:00-00:15"};
  for (const auto date : {kDay, kSpring, kAutumn}) {
    for (Time now = sys_days{date} - 3h; now < sys_days{date} + 27h; now += 5min) {
      int inside = 0;
      for (const auto part : parts) {
        const auto until = in_berlin(part, now);
        if (!until) continue;
        ++inside;
        CHECK(*until > now);
        CHECK(in_berlin(part, *until - 1s) == until);
        CHECK_FALSE(in_berlin(part, *until));
      }
      CHECK(inside == 1);
    }
  }
}

}  // namespace
}  // namespace auth
