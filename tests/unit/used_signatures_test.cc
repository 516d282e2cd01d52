#include "store/used_signatures.h"

#include <array>
#include <filesystem>

#include "tests/unit/catch.h"
#include "tests/unit/temp_dir.h"

namespace store {
namespace {

using namespace std::chrono_literals;
using Signature = std::array<std::uint8_t, 32>;

constexpr auth::Time kNow{1'800'000'000s};
constexpr auto kForgotten = 15min + 5s;
constexpr auto kLate = kNow + kForgotten + 1s;  // good until later than what may be forgotten

Signature signature(std::uint8_t fill) {
  Signature all{};
  all.fill(fill);
  return all;
}

TEST_CASE("a signature is used once") {
  const TempDir dir;
  UsedSignatures used{dir.path(), kForgotten};
  used.open(kNow);
  CHECK(used.use(signature(1), kLate, kNow));
  CHECK_FALSE(used.use(signature(1), kLate, kNow));
  CHECK_FALSE(used.use(signature(1), kLate, kNow + 10min));
  CHECK(used.use(signature(2), kLate, kNow));
}

TEST_CASE("what may have been used before is refused") {
  const TempDir dir;
  UsedSignatures used{dir.path(), kForgotten};
  used.open(kNow);
  CHECK_FALSE(used.use(signature(1), kNow, kNow));
  CHECK_FALSE(used.use(signature(1), kNow + kForgotten, kNow));
  CHECK(used.use(signature(1), kNow + kForgotten + 1s, kNow));
}

TEST_CASE("instances share what was used, and so does the next one") {
  const TempDir dir;
  {
    UsedSignatures one{dir.path(), kForgotten};
    one.open(kNow);
    CHECK(one.use(signature(1), kLate, kNow));
  }
  UsedSignatures next{dir.path(), kForgotten};
  next.open(kNow + 5min);  // what is there already is not forgotten anew
  CHECK_FALSE(next.use(signature(1), kLate, kNow));
  CHECK(next.use(signature(2), kLate, kNow));
}

TEST_CASE("what was lost under the daemon is begun anew, with nothing older than that") {
  const TempDir dir;
  UsedSignatures used{dir.path(), kForgotten};
  used.open(kNow);
  CHECK(used.use(signature(1), kLate, kNow));
  for (const auto& entry : std::filesystem::directory_iterator{dir.path()})
    std::filesystem::remove_all(entry.path());
  const auto now = kNow + 1min;
  CHECK_FALSE(used.use(signature(1), kLate, now));
  CHECK_FALSE(used.use(signature(2), now + kForgotten, now));
  CHECK(used.use(signature(3), now + kForgotten + 1s, now));
}

TEST_CASE("one of an earlier start of the machine is removed unread") {
  const TempDir dir;
  const auto torn = dir.path() / "sigv4-01234567-89ab-cdef-0123-456789abcdef";
  std::filesystem::create_directory(torn);
  UsedSignatures used{dir.path(), kForgotten};
  used.open(kNow);
  CHECK_FALSE(std::filesystem::exists(torn));
  CHECK(used.use(signature(1), kLate, kNow));
}

TEST_CASE("what is good no more is forgotten, and not good again when the clock is set back") {
  const TempDir dir;
  UsedSignatures used{dir.path(), kForgotten};
  used.open(kNow);
  for (std::uint8_t i = 0; i < 50; ++i)
    REQUIRE(used.use(signature(i), kLate + std::chrono::seconds{i}, kNow));
  const auto later = kNow + 1h;
  for (std::uint8_t i = 0; i < 20; ++i)  // each of these forgets a few
    REQUIRE(used.use(signature(i), later + 15min, later));
  for (std::uint8_t i = 0; i < 50; ++i) {
    CAPTURE(i);
    CHECK_FALSE(used.use(signature(i), kLate + std::chrono::seconds{i}, kNow));
    // Nor with another end, if one signature had two.
    CHECK_FALSE(used.use(signature(100), kLate + std::chrono::seconds{i}, kNow));
  }
}

TEST_CASE("without a directory nothing can be used") {
  const TempDir dir;
  UsedSignatures used{dir.path() / "none", kForgotten};
  CHECK_THROWS_AS(used.use(signature(1), kLate, kNow), Fault);
  std::filesystem::create_directory(dir.path() / "none");
  CHECK(used.use(signature(1), kLate, kNow));  // it is made by the first use
}

}  // namespace
}  // namespace store
