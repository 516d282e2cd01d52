#include "gateway/sessions/admission.h"

#include "tests/support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;
using Verdict = Admission::Verdict;

namespace {

struct World {
  SessionTable sessions;
  ServerTimeout timeout;
  Admission admission{sessions, timeout};
  Now now{.steady = Admission::TimePoint{10h}, .wall = auth::Instant{1000h}};

  void pass(std::chrono::milliseconds time) {
    now.steady += time;
    now.wall += time;
  }
  Verdict admit(std::uint64_t cid, std::uint32_t max, const std::string& credential = "CGA") {
    return admission.admit({"N1", cid, credential, now.wall, false}, max, now);
  }
};

}  // namespace

TEST_CASE("admission: while servers tell nothing, no session that was let in is taken for gone",
          "[sessions]") {
  World world;
  CHECK(world.admit(1, 1) == Verdict::admitted);
  world.pass(1h);
  CHECK(world.admit(2, 1) == Verdict::refused);
  world.admission.on_connected(world.now.steady);
  world.pass(1999ms);
  CHECK(world.admit(2, 1) == Verdict::refused);
  world.pass(1ms);
  CHECK(world.admit(2, 1) == Verdict::admitted);
  world.pass(1h);
  world.admission.on_disconnected();
  CHECK(world.admit(3, 1) == Verdict::refused);
}

TEST_CASE(
    "admission: a session that no server confirms counts for the servers' timeout and a second",
    "[sessions]") {
  World world;
  world.timeout.observe(9s);
  world.admission.on_connected(world.now.steady - 1h);
  CHECK(world.admit(1, 1) == Verdict::admitted);
  world.pass(10s);
  CHECK(world.admit(2, 1) != Verdict::admitted);
  world.pass(1ms);
  CHECK(world.admit(2, 1) == Verdict::admitted);
}

TEST_CASE("admission: refusals have the servers count, each credential every two seconds at most",
          "[sessions]") {
  World world;
  world.admission.on_connected(world.now.steady - 1h);
  CHECK(world.admit(1, 1) == Verdict::admitted);
  CHECK(world.admit(1, 1, "CGB") == Verdict::admitted);
  CHECK(world.admit(2, 1) == Verdict::refused_count);
  CHECK(world.admit(2, 1) == Verdict::refused);
  CHECK(world.admit(2, 1, "CGB") == Verdict::refused_count);
  world.pass(2s);
  CHECK(world.admit(2, 1) == Verdict::refused);
  world.pass(1ms);
  CHECK(world.admit(2, 1) == Verdict::refused_count);
}
