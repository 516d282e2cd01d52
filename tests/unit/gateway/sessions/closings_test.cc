#include "gateway/sessions/closings.h"

#include "tests/support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;
using store::Action;

namespace {

store::Entry entry(std::uint64_t sequence, Action action, const char* id) {
  store::Entry entry;
  entry.sequence = sequence;
  entry.action = action;
  entry.id = id;
  return entry;
}

}  // namespace

TEST_CASE("closings: an entry finds its own closing, and the newest before it where it has none",
          "[sessions]") {
  Closings closings;
  const ClosingPart first = closings.begin(entry(4, Action::revoke, "CGA"));
  const ClosingPart second = closings.begin(entry(6, Action::kick, "CGA"));
  CHECK(closings.find("CGA", 3) == nullptr);
  CHECK(closings.find("CGA", 5) == first.closing());
  CHECK(closings.find("CGA", 9) == second.closing());
  CHECK(first.closing() != second.closing());
  CHECK(closings.find("CGB", 9) == nullptr);
}

TEST_CASE("closings: a role that is still being closed has one closing, however often it is asked",
          "[sessions]") {
  Closings closings;
  auto first = closings.begin(entry(4, Action::kick_role, "APP/ops"));
  auto second = closings.begin(entry(5, Action::kick_role, "APP/ops"));
  const auto earlier = closings.begin(entry(2, Action::kick_role, "APP/ops"));
  CHECK(first.closing() == second.closing());
  CHECK(first.closing() == earlier.closing());
  CHECK(closings.find("APP/ops", 3) == first.closing());
  CHECK(closings.begin(entry(6, Action::kick_role, "APP/readers")).closing() != first.closing());
  const auto known = closings.find("APP/ops", 5);
  first = {};
  CHECK_FALSE(known->done());
}

TEST_CASE("closings: a role that is closed is closed anew", "[sessions]") {
  Closings closings;
  const auto first = closings.begin(entry(4, Action::kick_role, "APP/ops")).closing();
  CHECK(first->done());
  CHECK(closings.begin(entry(5, Action::kick_role, "APP/ops")).closing() != first);
}

TEST_CASE("closings: those of more than five minutes ago are forgotten", "[sessions]") {
  Closings closings;
  const Closings::TimePoint now{10h};
  static_cast<void>(closings.begin(entry(4, Action::kick, "CGA"), now));
  static_cast<void>(closings.begin(entry(5, Action::kick, "CGB"), now + 4min));
  CHECK(closings.find("CGA", 9) != nullptr);
  static_cast<void>(closings.begin(entry(6, Action::kick, "CGC"), now + 5min));
  CHECK(closings.find("CGA", 9) == nullptr);
  CHECK(closings.find("CGB", 9) != nullptr);
}
