#include "gateway/nats/told_lately.h"

#include "tests/support/catch.h"

using gateway::ToldLately;
using namespace std::chrono_literals;

TEST_CASE("told_lately: each thing is told of once a second, whatever the others are", "[nats]") {
  ToldLately told;
  const ToldLately::Clock::time_point now{};
  const int one = 1;
  const int other = 2;
  CHECK(told.first(&one, now));
  CHECK_FALSE(told.first(&one, now));
  CHECK(told.first(&other, now + 500ms));
  CHECK_FALSE(told.first(&one, now + 999ms));
  CHECK(told.first(&one, now + 1s));
  CHECK_FALSE(told.first(&other, now + 1s));
  CHECK_FALSE(told.first(&one, now + 1s));
}
