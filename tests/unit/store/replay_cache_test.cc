#include "store/replay_cache.h"

#include <array>
#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace store {
namespace {

using namespace std::chrono_literals;
using Signature = std::array<std::uint8_t, 32>;

constexpr auth::Time kNow{1'800'000'000s};
constexpr auto kForgotten = 15min + 5s;
constexpr auto kLate = kNow + kForgotten + 1s;  // good until later than what may be forgotten

// As the test's time passes, so does the machine's.
ClockReading at(auth::Time now) {
  return {.now = now, .since_boot = now - kNow + 1h};
}

Signature user(std::uint8_t fill) {
  Signature all{};
  all.fill(fill);
  return all;
}

Signature signature(std::uint8_t fill) {
  Signature all{};
  all.fill(fill);
  return all;
}

TEST_CASE("replay_cache: a signature is used once", "[store]") {
  const TempDir dir;
  ReplayCache used{dir.path(), kForgotten};
  used.open(at(kNow));
  CHECK(used.use(signature(1), user(1), kLate, at(kNow)));
  CHECK_FALSE(used.use(signature(1), user(2), kLate, at(kNow)));
  CHECK_FALSE(used.use(signature(1), user(2), kLate, at(kNow + 10min)));
  CHECK(used.use(signature(2), user(1), kLate, at(kNow)));
}

TEST_CASE("replay_cache: one login may use its signature at two instances", "[store]") {
  const TempDir dir;
  ReplayCache one{dir.path(), kForgotten};
  one.open(at(kNow));
  CHECK(one.use(signature(1), user(1), kLate, at(kNow)));
  CHECK(one.use(signature(1), user(1), kLate, at(kNow)));
  CHECK_FALSE(one.use(signature(1), user(2), kLate, at(kNow)));
  CHECK_FALSE(one.use(signature(2), user(1), kNow, at(kNow)));  // it may have been another's
}

TEST_CASE("replay_cache: what may have been used before is refused", "[store]") {
  const TempDir dir;
  ReplayCache used{dir.path(), kForgotten};
  used.open(at(kNow));
  CHECK_FALSE(used.use(signature(1), user(2), kNow, at(kNow)));
  CHECK_FALSE(used.use(signature(1), user(2), kNow + kForgotten, at(kNow)));
  CHECK(used.use(signature(1), user(1), kNow + kForgotten + 1s, at(kNow)));
}

TEST_CASE("replay_cache: instances share what was used, and so does the next one", "[store]") {
  const TempDir dir;
  {
    ReplayCache one{dir.path(), kForgotten};
    one.open(at(kNow));
    CHECK(one.use(signature(1), user(1), kLate, at(kNow)));
  }
  ReplayCache next{dir.path(), kForgotten};
  next.open(at(kNow + 5min));  // what is there already is not forgotten anew
  CHECK_FALSE(next.use(signature(1), user(2), kLate, at(kNow)));
  CHECK(next.use(signature(2), user(1), kLate, at(kNow)));
}

TEST_CASE(
    "replay_cache: what was lost under the daemon is begun anew, with nothing older than that",
    "[store]") {
  const TempDir dir;
  ReplayCache used{dir.path(), kForgotten};
  used.open(at(kNow));
  CHECK(used.use(signature(1), user(1), kLate, at(kNow)));
  for (const auto& entry : std::filesystem::directory_iterator{dir.path()})
    std::filesystem::remove_all(entry.path());
  const auto now = kNow + 1min;
  CHECK_FALSE(used.use(signature(1), user(2), kLate, at(now)));
  CHECK_FALSE(used.use(signature(2), user(2), now + kForgotten, at(now)));
  CHECK(used.use(signature(3), user(1), now + kForgotten + 1s, at(now)));
}

TEST_CASE("replay_cache: one of an earlier start of the machine is removed unread", "[store]") {
  const TempDir dir;
  const auto torn = dir.path() / "sigv4-01234567-89ab-cdef-0123-456789abcdef";
  std::filesystem::create_directory(torn);
  ReplayCache used{dir.path(), kForgotten};
  used.open(at(kNow));
  CHECK_FALSE(std::filesystem::exists(torn));
  CHECK(used.use(signature(1), user(1), kLate, at(kNow)));
}

TEST_CASE(
    "replay_cache: what is good no more is forgotten, and not good again when the clock is set "
    "back",
    "[store]") {
  const TempDir dir;
  ReplayCache used{dir.path(), kForgotten};
  used.open(at(kNow));
  for (std::uint8_t i = 0; i < 50; ++i)
    REQUIRE(used.use(signature(i), user(1), kLate + std::chrono::seconds{i}, at(kNow)));
  const auto later = kNow + 1h;
  for (std::uint8_t i = 0; i < 20; ++i)  // each of these forgets a few
    REQUIRE(used.use(signature(i), user(1), later + 15min, at(later)));
  for (std::uint8_t i = 0; i < 50; ++i) {
    CAPTURE(i);
    CHECK_FALSE(used.use(signature(i), user(2), kLate + std::chrono::seconds{i}, at(kNow)));
    // Nor with another end, if one signature had two.
    CHECK_FALSE(used.use(signature(100), user(2), kLate + std::chrono::seconds{i}, at(kNow)));
  }
}

TEST_CASE("replay_cache: a clock that was behind at first does not make good again what it let in",
          "[store]") {
  const TempDir dir;
  ReplayCache used{dir.path(), kForgotten};
  used.open(at(kNow));
  CHECK(used.use(signature(1), user(1), kLate, at(kNow)));
  // It is set right by an hour: what was used before this start, up to then, is refused by its
  // date.
  const ClockReading right{.now = kNow + 1h, .since_boot = 1h};
  CHECK_FALSE(used.use(signature(2), user(2), kNow + 1h + kForgotten, right));
  CHECK(used.use(signature(3), user(1), kNow + 1h + kForgotten + 1s, right));
  // By a second or two it may always seem to move.
  const ClockReading soon{.now = kNow + 1h + 3s, .since_boot = 1h + 1s};
  CHECK(used.use(signature(4), user(1), kNow + 1h + kForgotten + 2s, soon));
}

TEST_CASE("replay_cache: without a directory nothing can be used", "[store]") {
  const TempDir dir;
  ReplayCache used{dir.path() / "none", kForgotten};
  CHECK_THROWS_AS(used.use(signature(1), user(1), kLate, at(kNow)), Fault);
  std::filesystem::create_directory(dir.path() / "none");
  CHECK(used.use(signature(1), user(1), kLate, at(kNow)));  // it is made by the first use
}

}  // namespace
}  // namespace store
