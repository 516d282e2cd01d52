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

TEST_CASE("role_closing: sessions that no server names are closed by what is remembered",
          "[sessions]") {
  struct Row {
    const char* what;
    Session session;
  };
  World world;
  const Row row =
      GENERATE_REF(Row{"a leafnode of a server that does not report any",
                       {"N1", 7, World::kId, world.now.wall - 1h, true, true}},
                   Row{"one in $G", {"N1", 7, World::kId, world.now.wall - 1h, false, true}},
                   Row{"one of a server whose clock is ahead",
                       {"N1", 7, World::kId, world.now.wall + 1h, false, true}});
  CAPTURE(row.what);
  give(world, World::kId, {kOps});
  give(world, kOther, {"APP/readers"});
  world.begin_with({});
  world.sessions.add(row.session, world.now.wall - 1s);
  Session other = row.session;
  other.cid = 8;
  other.credential = kOther;
  world.sessions.add(other, world.now.wall - 1s);
  const auto closing = std::make_shared<Closing>();
  world.enforcement.close_role(kOps, world.now, ClosingPart{closing});
  const auto asked = world.step();
  REQUIRE(world.shown(asked) == Texts{"KICK N1 7", "CONNZ"});
  world.answer_page(asked[1], {});
  CHECK_FALSE(closing->get().done);
  world.answer(asked[0], auth::Json::object());
  CHECK(closing->get().done);
  CHECK(closing->get().closed == 1);
  CHECK(world.step_after(100ms).empty());
}

TEST_CASE("role_closing: what a server named is closed, even where its clock is ahead",
          "[sessions]") {
  World world;
  give(world, World::kId, {kOps});
  world.now.wall = auth::Instant{1'700'000'000s};  // the sessions of connz_pages.h began later
  world.begin_with({7});
  world.enforcement.close_role(kOps, world.now);
  const auto asked = world.step();
  Texts all = world.shown(asked);
  for (const auto& each : world.step_after(1ms))
    all.push_back(world.shown({each}).at(0));
  std::ranges::sort(all);
  CHECK(all == Texts{"CONNZ", "KICK N1 7"});
}

TEST_CASE("role_closing: a session that began after the change stays", "[sessions]") {
  World world;
  give(world, World::kId, {kOps});
  world.begin_with({});
  const Now changed = world.now;
  world.now.wall += 1s;
  world.sessions.add({"N1", 7, World::kId, world.now.wall, true, true});
  world.enforcement.close_role(kOps, changed);
  world.answer_page(world.step().at(0), {});
  CHECK(world.step_after(5ms).empty());
}

TEST_CASE("role_closing: remembered sessions of many members are closed one after another",
          "[sessions]") {
  World world;
  world.begin_with({});
  for (std::uint64_t n = 0; n < 600; ++n) {
    const std::string id = "CGMEMBER" + std::to_string(1000 + n);
    give(world, id, {kOps});
    world.sessions.add({"N1", 7 + n, id, world.now.wall, false, true});
  }
  const auto closing = std::make_shared<Closing>();
  world.enforcement.close_role(kOps, world.now, ClosingPart{closing});
  std::size_t kicks = 0;
  for (int ms = 0; ms < 700; ++ms) {
    const auto asked = ms == 0 ? world.step() : world.step_after(1ms);
    CHECK(asked.size() <= 2);
    for (const auto& each : asked) {
      if (each.body.contains("cid")) {
        ++kicks;
        world.answer(each, auth::Json::object());
      } else {
        world.answer_page(each, {});
      }
    }
  }
  CHECK(kicks == 600);
  CHECK(closing->get().done);
  CHECK(closing->get().closed == 600);
}

TEST_CASE("role_closing: closings that come together make one sweep", "[sessions]") {
  World world;
  give(world, World::kId, {kOps, "APP/readers"});
  world.begin_with({});
  for (int n = 0; n < 50; ++n) {
    world.enforcement.close_role(kOps, world.now);
    world.enforcement.close_role("APP/readers", world.now);
  }
  CHECK(world.shown(world.step()).size() == 1);
  std::size_t sweeps = 0;
  const auto change_again = [&](int times) {
    for (int n = 0; n < times; ++n) {
      world.enforcement.close_role(kOps, world.now);
      for (const auto& each : world.step_after(10ms)) {
        if (each.body.contains("cid")) continue;
        ++sweeps;
        world.answer_page(each, {});
      }
    }
  };
  change_again(100);  // a second
  CHECK(sweeps >= 1);
  CHECK(sweeps <= 3);
  // Each waits twice as long as the one before, up to eight seconds.
  change_again(2000);
  sweeps = 0;
  change_again(3200);
  CHECK(sweeps >= 3);
  CHECK(sweeps <= 5);
}

TEST_CASE("role_closing: a role that nobody has asks no server, and is closed", "[sessions]") {
  World world;
  world.begin_with({});
  const auto closing = std::make_shared<Closing>();
  world.enforcement.close_role(kOps, world.now, ClosingPart{closing});
  CHECK_FALSE(closing->get().done);
  CHECK(world.step().empty());
  CHECK(closing->get().done);
  CHECK(world.step_after(10s).empty());
}

TEST_CASE("role_closing: where the members cannot be read, servers are asked, and it is not done",
          "[sessions]") {
  World world;
  give(world, World::kId, {kOps});
  world.begin_with({});
  world.sessions.add({"N1", 7, World::kId, world.now.wall, true, true});
  const auto closing = std::make_shared<Closing>();
  world.enforcement.close_role(kOps, world.now, ClosingPart{closing});
  world.faulty = true;
  const auto asked = world.step();
  REQUIRE(world.shown(asked) == Texts{"CONNZ"});
  CHECK(world.noted == Texts{"fault the disk is gone"});
  world.faulty = false;
  world.answer_page(asked[0], {});
  CHECK_FALSE(closing->get().done);
  const auto kicks = world.step_after(1s);
  REQUIRE(world.shown(kicks) == Texts{"KICK N1 7"});
  world.answer(kicks[0], auth::Json::object());
  CHECK(closing->get().done);
}

TEST_CASE("role_closing: a session that several closings wait for is closed for all of them",
          "[sessions]") {
  const bool same_role = GENERATE(true, false);
  World world;
  give(world, World::kId, {kOps, "APP/readers"});
  world.begin_with({});
  const auto first = std::make_shared<Closing>();
  const auto second = std::make_shared<Closing>();
  world.enforcement.close_role(kOps, world.now, ClosingPart{first});
  const auto swept = world.step();
  REQUIRE(world.shown(swept) == Texts{"CONNZ"});
  world.enforcement.close_role(same_role ? kOps : "APP/readers", world.now, ClosingPart{second});
  static_cast<void>(world.step());
  world.answer_page(swept[0], {7});  // asked for the first
  const auto kicks = world.step();
  REQUIRE(world.shown(kicks) == Texts{"KICK N1 7"});
  CHECK_FALSE(first->get().done);
  world.answer(kicks[0], auth::Json::object());
  CHECK(first->get().done);
  CHECK(first->get().closed == 1);
  CHECK(second->get().closed == 1);
}

TEST_CASE("role_closing: what a later closing finds waits in the same turn", "[sessions]") {
  World world;
  give(world, World::kId, {kOps, "APP/readers"});
  world.begin_with({});
  std::vector<std::uint64_t> cids;
  for (std::uint64_t cid = 1; cid <= 200; ++cid)
    cids.push_back(cid);
  const auto first = std::make_shared<Closing>();
  const auto second = std::make_shared<Closing>();
  world.enforcement.close_role(kOps, world.now, ClosingPart{first});
  world.answer_page(world.step().at(0), cids);
  world.enforcement.close_role("APP/readers", world.now, ClosingPart{second});
  std::size_t turns = 0;
  while (!(first->get().done && second->get().done) && turns < 1000) {
    ++turns;
    for (const auto& each : world.step_after(1ms)) {
      if (each.body.contains("cid")) {
        world.answer(each, auth::Json::object());
      } else {
        world.answer_page(each, {200});
      }
    }
  }
  CHECK(turns < 300);
  CHECK(first->get().closed == 200);
  CHECK(second->get().closed >= 1);
}

TEST_CASE("role_closing: what was to be closed on a server that hung is closed once it answers",
          "[sessions]") {
  World world;
  give(world, World::kId, {kOps});
  world.begin_with({7});
  world.enforcement.close_role(kOps, world.now);
  for (int second = 0; second < 15; ++second)
    static_cast<void>(world.step_after(1s));
  world.enforcement.on_link("N1", true, world.now);
  Texts kicks;
  for (int turn = 0; turn < 5; ++turn) {
    for (const auto& each : world.step_after(1ms)) {
      if (each.body.contains("cid")) {
        kicks.push_back(world.shown({each}).at(0));
      } else {
        world.answer_page(each, each.body.contains("user") ? std::vector<std::uint64_t>{}
                                                           : std::vector<std::uint64_t>{7});
      }
    }
  }
  CHECK(kicks == Texts{"KICK N1 7"});
}

TEST_CASE("role_closing: a change that no daemon saw closes what began before it", "[sessions]") {
  World world;
  give(world, World::kId, {kOps});
  world.begin_with({});
  // Asked for in this second, at some time.
  const auto asked_at =
      std::chrono::floor<std::chrono::seconds>(*auth::read_instant(World::kStart));
  const Now changed = latest(asked_at, world.now);
  CHECK(changed.wall == auth::Instant{asked_at} + 2s);
  CHECK(latest(world.today() + 1h, world.now).wall == world.now.wall);
  world.enforcement.close_role(kOps, changed);
  auth::Json before = connection(7);
  before["start"] = World::kStart;
  auth::Json after = connection(8);
  after["start"] = "2026-11-24T18:56:00Z";
  world.answer(world.step().at(0), connz(auth::Json::array({before, after})));
  CHECK(world.shown(world.step_after(10ms)) == Texts{"KICK N1 7"});
}
