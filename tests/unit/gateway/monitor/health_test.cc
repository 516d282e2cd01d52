#include <chrono>
#include <optional>
#include <thread>

#include "gateway/callout/recent_decisions.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/listen_address.h"
#include "gateway/platform/stall_detector.h"
#include "tests/support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

TEST_CASE("health: the longest work that goes on is that of the oldest thread that is at it",
          "[monitor]") {
  StallDetector stalls;
  const auto now = StallDetector::Clock::now();
  CHECK(stalls.longest(now) == StallDetector::Clock::duration::zero());
  {
    StallDetector::Thread one{stalls};
    StallDetector::Thread other{stalls};
    std::optional<BusyScope> first{one};
    std::optional<BusyScope> second{other};
    CHECK(stalls.longest(now + 1h) >= 59min);
    first.reset();
    CHECK(stalls.longest(now + 1h) >= 59min);
    second.reset();
    CHECK(stalls.longest(now + 1h) == StallDetector::Clock::duration::zero());
    first.emplace(one);
  }
  CHECK(stalls.longest(now + 1h) ==
        StallDetector::Clock::duration::zero());  // its thread has ended
}

TEST_CASE("health: a duration is counted under the first bound that is not below it", "[monitor]") {
  Durations durations;
  durations.add(100us);
  durations.add(101us);
  durations.add(6s);
  CHECK(durations.count(0) == 1);
  CHECK(durations.count(1) == 1);
  CHECK(durations.count(Durations::kBounds.size()) == 1);
  CHECK(durations.seconds() > 6.0002);
  CHECK(durations.seconds() < 6.0003);
}

TEST_CASE("health: the last decisions are kept, denials apart from grants", "[monitor]") {
  RecentDecisions recent;
  DecisionEvent decided;
  for (std::size_t i = 0; i < RecentDecisions::kMaxEvents + 2; ++i) {
    decided.granted = i > 0;
    decided.cid = i;
    recent.add(decided);
  }
  CHECK(recent.denied().size() == 1);
  CHECK(recent.granted().size() == RecentDecisions::kMaxEvents);
  CHECK(recent.granted().front().cid == 2);
  CHECK(recent.granted().back().cid == RecentDecisions::kMaxEvents + 1);
  decided.client = std::string(100'000, '\xff');
  recent.add(decided);
  CHECK(recent.granted().back().client.size() == RecentDecisions::kMaxString);
}

TEST_CASE("health: an address to listen on", "[monitor]") {
  const auto good = read_listen_address("127.0.0.1:8422");
  CHECK(good.address == "127.0.0.1");
  CHECK(good.port == 8422);
  CHECK(read_listen_address("[::1]:1").address == "::1");
  CHECK(read_listen_address("localhost:65535").port == 65535);
  for (const char* bad : {"", ":", "127.0.0.1", "127.0.0.1:", ":8422", "127.0.0.1:0", "a:65536",
                          "a:-1", "a:1x", "a: 1", "::1:8422", "[]:1", "a:99999999999999"}) {
    CAPTURE(bad);
    CHECK(read_listen_address(bad).port == 0);
  }
}
