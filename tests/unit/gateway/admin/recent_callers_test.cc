#include "gateway/admin/recent_callers.h"

#include <string>

#include "tests/support/catch.h"

using gateway::AdminReply;
using gateway::RecentCallers;

namespace {

using namespace std::chrono_literals;

int answered(RecentCallers& callers, const std::string& actor, RecentCallers::Clock::time_point at,
             int asked) {
  int count = 0;
  for (int i = 0; i < asked; ++i)
    count += callers.may_answer(actor, at) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("recent_callers: what was found of a header is good for a second", "[admin]") {
  RecentCallers callers;
  const RecentCallers::Clock::time_point now{1h};
  CHECK_FALSE(callers.find("one", now));
  callers.remember("one", {.text = {}, .actor = "nats:CG1", .error = {}}, now);
  callers.remember("two", {.text = "{}", .actor = {}, .error = "forbidden"}, now);
  CHECK(callers.find("one", now + 1s)->actor == "nats:CG1");
  CHECK(callers.find("two", now + 1s)->error == "forbidden");
  CHECK_FALSE(callers.find("one", now + 1001ms));
  CHECK_FALSE(callers.find("One", now));
}

TEST_CASE("recent_callers: a flood is answered up to a rate, and takes no other's answers",
          "[admin]") {
  RecentCallers callers;
  const RecentCallers::Clock::time_point now{1h};
  CHECK(answered(callers, "nats:CG1", now, 1000) == 100);
  CHECK(answered(callers, "nats:CG1", now + 1s, 1000) == 20);
  CHECK(answered(callers, "nats:CG2", now + 1s, 50) == 50);
  CHECK(answered(callers, "nats:CG1", now + 1h, 1000) == 100);
}

TEST_CASE("recent_callers: the table is bounded", "[admin]") {
  RecentCallers callers;
  const RecentCallers::Clock::time_point now{1h};
  for (std::size_t i = 0; i <= RecentCallers::kMax; ++i)
    callers.remember(std::to_string(i), {.text = {}, .actor = "nats:CG1", .error = {}}, now);
  CHECK_FALSE(callers.find("0", now));
  CHECK(callers.find(std::to_string(RecentCallers::kMax), now));
  // A header that is too long is looked at each time.
  const std::string longest(std::size_t{17} << 10, 'x');
  callers.remember(longest, {.text = {}, .actor = "nats:CG1", .error = {}}, now);
  CHECK_FALSE(callers.find(longest, now));
}
