#include "gateway/sessions/enforcement.h"
#include "tests/support/catch.h"
#include "tests/support/enforcement_world.h"

using namespace gateway;
using namespace std::chrono_literals;
using World = EnforcementWorld;
using Texts = World::Texts;

namespace {

constexpr const char* kOther = "CGBBBBBBBBBBBBBBBBBB";
constexpr const char* kOps = "APP/ops";

void give(World& world, const std::string& id, const Texts& roles) {
  auth::SessionRules rules = World::standing(true);
  rules.roles = roles;
  world.rules[id] = rules;
}

auth::Json session_of(std::uint64_t cid, const char* id) {
  auth::Json json = connection(cid);
  json["authorized_user"] = id;
  return json;
}

}  // namespace

TEST_CASE("role_closing: all servers are asked once, and only who has the role is closed",
          "[sessions]") {
  World world;
  give(world, World::kId, {"APP/readers", kOps});
  give(world, kOther, {"APP/readers"});
  world.begin_with({});
  const auto closing = std::make_shared<Closing>();
  world.enforcement.close_role(kOps, world.now, ClosingPart{closing});
  const auto swept = world.step();
  REQUIRE(world.shown(swept) == Texts{"CONNZ"});
  CHECK_FALSE(closing->get().done);
  world.answer(swept[0], connz(auth::Json::array({session_of(7, World::kId), session_of(8, kOther),
                                                  session_of(9, World::kId)})));
  const auto kicks = world.step();
  REQUIRE(world.shown(kicks) == Texts{"KICK N1 7"});
  const auto more = world.step_after(1ms);
  REQUIRE(world.shown(more) == Texts{"KICK N1 9"});
  world.answer(kicks[0], auth::Json::object());
  CHECK_FALSE(closing->get().done);
  world.answer(more[0], auth::Json::object());
  CHECK(closing->get().done);
  CHECK(closing->get().closed == 2);
  CHECK(world.kicked == 0);
  static_cast<void>(world.step());
  CHECK(world.kicked == 2);
}

TEST_CASE(
    "role_closing: whoever was just being let in is looked for again, and who comes after stays",
    "[sessions]") {
  World world;
  give(world, World::kId, {kOps});
  world.begin_with({});
  world.timeout.observe(9s);
  world.enforcement.close_role(kOps, world.now);
  auth::Json pending = connection(7);
  pending.erase("account");
  world.answer(world.step().at(0), connz(auth::Json::array({pending})));
  CHECK(world.step_after(5ms).empty());
  const auto again = world.step_after(10s);
  REQUIRE(world.shown(again) == Texts{"CONNZ"});
  auth::Json fresh = connection(8);
  fresh["start"] = "2026-11-24T19:00:00Z";
  world.answer(again[0], connz(auth::Json::array({connection(7), fresh})));
  CHECK(world.shown(world.step_after(10ms)) == Texts{"KICK N1 7"});
}

TEST_CASE("role_closing: a session is closed once, and again where it is still there long after",
          "[sessions]") {
  World world;
  give(world, World::kId, {kOps});
  world.begin_with({});
  world.enforcement.close_role(kOps, world.now);
  world.answer_page(world.step().at(0), {7});
  const auto kick = world.step_after(5ms);
  REQUIRE(world.shown(kick) == Texts{"KICK N1 7"});
  world.answer(kick[0], auth::Json::object());
  const auto look = [&] {
    world.enforcement.count(World::kId, world.now);
    Texts asked;
    for (const auto& each : world.step()) {
      if (each.subject.ends_with("CONNZ")) world.answer_page(each, {7});
    }
    return world.shown(world.step_after(1ms));
  };
  CHECK(look().empty());
  world.now.steady += 31s;
  world.now.wall += 31s;
  CHECK(look() == Texts{"KICK N1 7"});
}

TEST_CASE("role_closing: a revocation does not wait for the sessions of a role", "[sessions]") {
  World world;
  give(world, World::kId, {kOps});
  world.begin_with({});
  std::vector<std::uint64_t> cids;
  for (std::uint64_t cid = 1; cid <= 1000; ++cid)
    cids.push_back(cid);
  world.enforcement.close_role(kOps, world.now);
  world.answer_page(world.step().at(0), cids);
  // A millisecond each, the first at once.
  CHECK(world.step_after(99ms).size() == 100);
  CHECK(world.step_after(100ms).size() == 100);
  const Session other{"N1", 5000, kOther, world.now.wall, false, true};
  world.enforcement.close_all(kOther, {other}, world.now);
  CHECK(world.shown(world.step()) == Texts{"KICK N1 5000"});
}
