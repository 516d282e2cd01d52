#include "gateway/admin/recent_callers.h"

#include <string>

#include "tests/support/catch.h"

using gateway::AdminReply;
using gateway::RecentCallers;

namespace {

using namespace std::chrono_literals;

constexpr RecentCallers::Clock::time_point kNow{1h};
const AdminReply kOne{.text = {}, .actor = "nats:CG1", .error = {}};

// As nats-server writes it.
std::string header(const std::string& user, const std::string& name, const std::string& time) {
  return R"({"start":"2026-01-01T00:00:00Z","host":"192.0.2.7","id":9,"acc":"ADMIN","user":")" +
         user + R"(","name":")" + name + R"(","rtt":)" + time + R"(,"kind":"Client"})";
}

}  // namespace

TEST_CASE("recent_callers: what was found of a header is good for a second", "[admin]") {
  RecentCallers callers;
  CHECK_FALSE(callers.find("one", kNow));
  callers.remember("one", kOne, kNow);
  callers.remember("two", {.text = "{}", .actor = {}, .error = "forbidden"}, kNow);
  CHECK(callers.find("one", kNow + 1s)->actor == "nats:CG1");
  CHECK(callers.find("two", kNow + 1s)->error == "forbidden");
  CHECK_FALSE(callers.find("one", kNow + 1001ms));
  CHECK_FALSE(callers.find("One", kNow));
}

TEST_CASE("recent_callers: another round-trip time is no other caller, all else is", "[admin]") {
  RecentCallers callers;
  callers.remember(header("CG1", "shop", "17"), kOne, kNow);
  CHECK(callers.find(header("CG1", "shop", "17"), kNow));
  CHECK(callers.find(header("CG1", "shop", "123456789"), kNow));
  CHECK_FALSE(callers.find(header("CG2", "shop", "17"), kNow));
  CHECK_FALSE(callers.find(header("CG1", "till", "17"), kNow));
  // A name cannot be taken for the time.
  const std::string name = R"(\"rtt\":1,\"user\":\"CG1)";
  callers.remember(header("CG3", name, "1"), kOne, kNow);
  CHECK(callers.find(header("CG3", name, "2"), kNow));
  CHECK_FALSE(callers.find(header("CG4", name, "2"), kNow));
  for (const char* cut : {R"({"rtt":)", R"({"rtt":1)", R"("rtt":,"rtt":)", ""})
    CHECK_FALSE(callers.find(cut, kNow));
}

TEST_CASE("recent_callers: the table is bounded", "[admin]") {
  RecentCallers callers;
  for (std::size_t i = 0; i <= RecentCallers::kMax; ++i)
    callers.remember(std::to_string(i), kOne, kNow);
  CHECK_FALSE(callers.find("0", kNow));
  CHECK(callers.find(std::to_string(RecentCallers::kMax), kNow));
  // A header that is too long is looked at each time.
  const std::string longest(std::size_t{17} << 10, 'x');
  callers.remember(longest, kOne, kNow);
  CHECK_FALSE(callers.find(longest, kNow));
}
