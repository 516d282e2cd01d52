#include "gateway/sessions/enforcement.h"

#include "tests/support/catch.h"
#include "tests/support/enforcement_world.h"

using namespace gateway;
using namespace std::chrono_literals;
using World = EnforcementWorld;
using Texts = World::Texts;

namespace {

const std::string kId = World::kId;
const auth::Json kUnknown = {{"error", {{"code", 500}, {"description", "no such client"}}}};

}  // namespace

TEST_CASE(
    "enforcement: a new connection begins with a sweep over all sessions, and closes what may not "
    "stay",
    "[sessions]") {
  World world;
  world.rules[kId] = World::standing(false);
  CHECK(world.step().empty());
  world.enforcement.on_connected(world.now);
  const auto swept = world.step();
  REQUIRE(world.shown(swept) == Texts{"CONNZ"});
  world.answer_page(swept[0], {7, 8});
  CHECK(world.sessions.size() == 0);
  const auto kicks = world.step();
  REQUIRE(world.shown(kicks) == Texts{"KICK N1 7", "KICK N1 8"});
  world.answer(kicks[0], auth::Json::object());
  world.answer(kicks[1], kUnknown);
  CHECK(world.step().empty());
  CHECK(world.kicked == 1);
  CHECK(world.noted == Texts{"kicked srv 7", "kick_found_none srv 8"});
}

TEST_CASE(
    "enforcement: sessions that may stay are remembered, and forgotten once no server names them",
    "[sessions]") {
  World world;
  world.begin_with({7, 8});
  CHECK(world.sessions.size() == 2);
  CHECK(world.kicked == 0);
  world.enforcement.count(kId, world.now);
  const auto counted = world.step();
  REQUIRE(world.shown(counted) == Texts{"CONNZ " + kId});
  world.answer_page(counted[0], {8});
  CHECK(world.sessions.size() == 1);
}

TEST_CASE(
    "enforcement: a session of the servers that the callout has not let in yet is not remembered",
    "[sessions]") {
  World world;
  world.enforcement.on_connected(world.now);
  auth::Json pending = connection(7);
  pending.erase("account");
  world.answer(world.step().at(0), connz(auth::Json::array({pending})));
  CHECK(world.sessions.size() == 0);
  CHECK(world.step().empty());
}

TEST_CASE("enforcement: every quarter of an hour all sessions are looked through", "[sessions]") {
  World world;
  world.begin_with({});
  CHECK(world.step_after(14min).empty());
  CHECK(world.shown(world.step_after(1min)) == Texts{"CONNZ"});
}

TEST_CASE(
    "enforcement: closing all kicks what is remembered, and sweeps now and after the servers' "
    "timeout",
    "[sessions]") {
  World world;
  world.begin_with({7});
  world.timeout.observe(9s);
  world.close_all();
  const auto kicks = world.step();
  REQUIRE(world.shown(kicks) == Texts{"KICK N1 7"});
  world.answer(kicks[0], auth::Json::object());
  CHECK(world.sessions.size() == 0);
  const auto swept = world.step_after(50ms);
  REQUIRE(world.shown(swept) == Texts{"CONNZ " + kId});
  world.answer_page(swept[0], {8});  // it was not remembered
  const auto more = world.step();
  CHECK(world.shown(more) == Texts{"KICK N1 8"});
  world.answer(more.at(0), auth::Json::object());
  CHECK(world.step_after(9s).empty());
  const auto again = world.step_after(950ms);
  REQUIRE(world.shown(again) == Texts{"CONNZ " + kId});
  world.answer_page(again[0], {9});  // its request was under way
  CHECK(world.shown(world.step()) == Texts{"KICK N1 9"});
}

TEST_CASE("enforcement: closing all of a credential that may come again spares what began after it",
          "[sessions]") {
  World world;
  world.begin_with({});
  world.close_all();
  const auto swept = world.step();
  auth::Json fresh = connection(8);
  fresh["start"] = "2026-11-24T19:00:00Z";
  world.answer(swept.at(0), connz(auth::Json::array({connection(7), fresh})));
  CHECK(world.shown(world.step()) == Texts{"KICK N1 7"});
  // A server that was out of reach meanwhile is told so an hour later, too.
  world.now.wall += 59min;
  world.enforcement.count(kId, world.now);
  auto late = world.step();
  REQUIRE(world.shown(late) == Texts{"CONNZ " + kId});
  world.answer_page(late[0], {9});
  CHECK(world.shown(world.step()) == Texts{"KICK N1 9"});
}

TEST_CASE("enforcement: how long a closing is remembered does not grow with their number",
          "[sessions]") {
  World world;
  world.begin_with({});
  world.close_all();
  static_cast<void>(world.step());
  world.now.wall += 61min;
  world.enforcement.close_all("CGBBBBBBBBBBBBBBBBBB", {}, world.now);
  world.enforcement.count(kId, world.now);
  for (const auto& asked : world.step()) {
    if (asked.body.value("user", "") == kId) world.answer_page(asked, {7});
  }
  CHECK(world.step().empty());
  CHECK(world.sessions.size() == 1);
}

TEST_CASE("enforcement: a credential of another store is left alone", "[sessions]") {
  World world;
  world.rules.clear();
  world.begin_with({7});
  world.review();
  CHECK(world.step().empty());
  CHECK(world.kicked == 0);
}

TEST_CASE("enforcement: a review leaves sessions alone that may stay, and asks nobody",
          "[sessions]") {
  World world;
  world.begin_with({7});
  world.review();
  CHECK(world.step().empty());
}

TEST_CASE("enforcement: a review closes the sessions of a credential that is suspended",
          "[sessions]") {
  World world;
  world.begin_with({7});
  world.rules[kId].good = false;
  world.review();
  CHECK(world.shown(world.step()) == Texts{"KICK N1 7", "CONNZ " + kId});
}

TEST_CASE("enforcement: a record that changes by itself is reviewed at that time", "[sessions]") {
  World world;
  world.begin_with({7});
  world.rules[kId].until = world.today() + 60s;
  world.review();
  CHECK(world.step().empty());
  CHECK(world.enforcement.next_due(world.now) <= world.now.steady + 60s);
  CHECK(world.step_after(58s).empty());
  world.rules[kId] = World::standing(false);
  const auto asked = world.step_after(2s);
  CHECK(world.shown(asked) == Texts{"KICK N1 7", "CONNZ " + kId});
}

TEST_CASE("enforcement: the first of several times counts, and each credential has its own",
          "[sessions]") {
  World world;
  world.begin_with({7});
  const std::string other = "CGBBBBBBBBBBBBBBBBBB";
  world.rules[other] = World::standing(false);
  world.rules[other].until = world.today() + 100h;
  world.enforcement.review(other, world.now, world.lookup());
  for (const auto& asked : world.step())
    world.answer_page(asked, {7});
  for (const auto until : {90s, 60s, 75s}) {
    world.rules[kId].until = world.today() + until;
    world.review();
  }
  world.rules[kId] = World::standing(false);
  CHECK(world.shown(world.step_after(60s)).front() == "KICK N1 7");
}

TEST_CASE(
    "enforcement: reviews are done without a connection, and what they close is kept for the next",
    "[sessions]") {
  World world;
  world.begin_with({7});
  world.rules[kId].until = world.today() + 60s;
  world.review();
  world.enforcement.on_disconnected();
  world.rules[kId] = World::standing(false);
  CHECK(world.step_after(60s).empty());
  CHECK(world.step_after(60s).empty());
  world.enforcement.on_connected(world.now);
  CHECK(world.shown(world.step()) == Texts{"KICK N1 7", "CONNZ " + kId, "CONNZ"});
}

TEST_CASE("enforcement: what waits for an answer is asked again over a new connection",
          "[sessions]") {
  World world;
  world.begin_with({7});
  world.close_all();
  CHECK(world.shown(world.step()) == Texts{"KICK N1 7"});
  CHECK(world.step().empty());
  CHECK(world.enforcement.busy(world.now.steady));
  world.enforcement.on_disconnected();
  world.enforcement.on_connected(world.now);
  CHECK(world.shown(world.step()) == Texts{"KICK N1 7", "CONNZ"});
}

TEST_CASE(
    "enforcement: when a rotation's overlap ends, those that were let in before it are closed",
    "[sessions]") {
  World world;
  world.begin_with({});
  // Sessions began at :00, in the second of the rotation or after it.
  world.rules[kId].since = auth::Time{1'795'546'500s};
  auth::Json later = connection(8);
  later["start"] = "2026-11-24T18:55:01Z";
  world.review();
  const auto swept = world.step();
  REQUIRE(world.shown(swept) == Texts{"CONNZ " + kId});
  world.answer(swept[0], connz(auth::Json::array({connection(7), later})));
  CHECK(world.shown(world.step()) == Texts{"KICK N1 7"});
  CHECK(world.sessions.size() == 1);
}

TEST_CASE("enforcement: of too many sessions the newest is closed, and only once", "[sessions]") {
  World world;
  world.begin_with({});
  world.rules[kId].max_sessions = 1;
  REQUIRE(world.sessions.admit(world.session(7), 1, world.now.wall));
  world.tell("CONNECT", 7, "2026-11-24T18:56:40Z");
  CHECK(world.step().empty());
  world.tell("CONNECT", 8, "2026-11-24T18:56:41Z");  // another gateway let it in
  const auto kicks = world.step();
  CHECK(world.shown(kicks) == Texts{"KICK N1 8"});
  CHECK(world.noted == Texts{"too_many_sessions srv 8"});
  world.tell("CONNECT", 8, "2026-11-24T18:56:41Z");
  CHECK(world.step().empty());
  world.answer(kicks.at(0), auth::Json::object());
  world.tell("DISCONNECT", 8);
  CHECK(world.sessions.size() == 1);
}

TEST_CASE("enforcement: a number that was raised meanwhile is looked up before a session is closed",
          "[sessions]") {
  World world;
  world.begin_with({});
  REQUIRE(world.sessions.admit(world.session(7), 1, world.now.wall));
  world.rules[kId].max_sessions = 2;
  world.tell("CONNECT", 7, "2026-11-24T18:56:40Z");
  world.tell("CONNECT", 8, "2026-11-24T18:56:41Z");
  CHECK(world.step().empty());
  CHECK(world.sessions.size() == 2);
  // One of another store is not counted here.
  world.rules.clear();
  world.tell("CONNECT", 9, "2026-11-24T18:56:42Z");
  CHECK(world.step().empty());
}

TEST_CASE("enforcement: lowering the number closes nothing that has been there for a while",
          "[sessions]") {
  World world;
  world.begin_with({7, 8});
  world.rules[kId].max_sessions = 1;
  world.sessions.allow(kId, 1);
  static_cast<void>(world.step_after(1min));
  world.review();
  CHECK(world.step().empty());
}

TEST_CASE("enforcement: a fault while asking the rules leaves the server to be asked again",
          "[sessions]") {
  World world;
  world.enforcement.on_connected(world.now);
  world.rules[kId].good = false;
  world.faulty = true;
  world.answer_page(world.step().at(0), {7});
  CHECK(world.step().empty());
  CHECK(world.noted == Texts{"fault the disk is gone"});
  CHECK(world.enforcement.busy(world.now.steady));
  world.faulty = false;
  const auto again = world.step_after(1s);
  REQUIRE(world.shown(again) == Texts{"CONNZ"});
  world.answer_page(again[0], {7});
  CHECK(world.shown(world.step()) == Texts{"KICK N1 7"});
}

TEST_CASE(
    "enforcement: a fault in a review has it done again a second later, and keeps no other from "
    "its own",
    "[sessions]") {
  World world;
  world.begin_with({7});
  const std::string other = "CGBBBBBBBBBBBBBBBBBB";
  world.sessions.add({"N1", 9, other, {}, false});
  world.rules[kId] = world.rules[other] = World::standing(false);
  world.faulty = true;
  world.review();
  world.enforcement.review(other, world.now, world.lookup());
  CHECK(world.step().empty());
  CHECK(world.noted.size() == 2);
  CHECK(world.step_after(1s).empty());  // still so
  CHECK(world.noted.size() == 4);
  world.faulty = false;
  CHECK(world.shown(world.step_after(1s)) ==
        Texts{"KICK N1 7", "CONNZ " + kId, "KICK N1 9", "CONNZ " + other});
}

TEST_CASE("enforcement: a fault while counting too many has the credential reviewed a second later",
          "[sessions]") {
  World world;
  world.begin_with({});
  REQUIRE(world.sessions.admit(world.session(7), 1, world.now.wall));
  world.rules[kId].max_sessions = 1;
  world.tell("CONNECT", 7, "2026-11-24T18:56:40Z");
  world.faulty = true;
  world.tell("CONNECT", 8, "2026-11-24T18:56:41Z");
  CHECK(world.step().empty());
  world.faulty = false;
  CHECK(world.shown(world.step_after(1s)) == Texts{"KICK N1 8"});
}

TEST_CASE(
    "enforcement: a leafnode that the server does not know yet is kicked until its login was "
    "answered",
    "[sessions]") {
  World world;
  world.enforcement.on_connected(world.now);
  world.answer_page(world.step().at(0), {});
  world.enforcement.close(world.session(7, true), world.now);
  int tries = 0;
  for (auto asked = world.step(); !asked.empty(); asked = world.step_after(200ms), ++tries) {
    for (const auto& each : asked) {
      if (each.subject.ends_with(".KICK")) world.answer(each, kUnknown);
    }
  }
  CHECK(tries == 31);  // for 5 s and one
  CHECK(world.noted == Texts{"kick_found_none srv 7"});
  // Of a client that is known at once.
  world.enforcement.close(world.session(8), world.now);
  world.answer(world.step().at(0), kUnknown);
  CHECK(world.step_after(200ms).empty());
}

TEST_CASE("enforcement: a server that was not known is asked for all that it has", "[sessions]") {
  World world;
  world.begin_with({});
  world.enforcement.on_message(
      {.subject = "$SYS.ACCOUNT.APP.CONNECT",
       .number = 0,
       .data = R"({"server":{"id":"N2","name":"two"},"client":{"id":5,"user":"somebody"}})"},
      world.now, world.lookup());
  CHECK(world.shown(world.step()) == Texts{"CONNZ N2"});
  CHECK(world.sessions.size() == 0);
}

TEST_CASE(
    "enforcement: the sessions of a server that shuts down are forgotten, and it is heard no more",
    "[sessions]") {
  World world;
  world.begin_with({7});
  world.enforcement.on_message({.subject = "$SYS.SERVER.N1.SHUTDOWN", .number = 0, .data = "{}"},
                               world.now, world.lookup());
  CHECK(world.sessions.size() == 0);
  world.tell("CONNECT", 8);
  CHECK(world.sessions.size() == 0);
  CHECK(world.step().empty());
}

TEST_CASE("enforcement: the sessions of a server that does not answer any more are forgotten",
          "[sessions]") {
  World world;
  world.begin_with({7});
  world.enforcement.close(world.session(7), world.now);
  for (int tries = 0; tries < 10; ++tries)
    CHECK(world.shown(world.step_after(1s)) == Texts{"KICK N1 7"});
  CHECK(world.step_after(1s).empty());
  CHECK(world.sessions.size() == 0);
  CHECK(world.noted == Texts{"kick_failed srv 7 no answer yet", "kick_failed srv 7 given up"});
}

TEST_CASE("enforcement: what no server could say is not heard", "[sessions]") {
  World world;
  world.begin_with({7});
  for (const char* data : {"", "{", "7", "{}", R"({"server":{"id":7}})"}) {
    for (const char* subject : {"", "$SYS.ACCOUNT.APP.CONNECT", "$SYS.ACCOUNT.APP.DISCONNECT"}) {
      CAPTURE(data, subject);
      world.enforcement.on_message({.subject = subject, .number = 0, .data = data}, world.now,
                                   world.lookup());
    }
  }
  CHECK(world.step().empty());
  CHECK(world.noted.empty());
  CHECK(world.sessions.size() == 1);
}

TEST_CASE("enforcement: it is busy until everything that is due was answered", "[sessions]") {
  World world;
  world.begin_with({7});
  CHECK_FALSE(world.enforcement.busy(world.now.steady));
  world.enforcement.close(world.session(7), world.now);
  CHECK(world.enforcement.busy(world.now.steady));
  const auto kick = world.step();
  CHECK(world.enforcement.busy(world.now.steady));
  world.answer(kick.at(0), auth::Json::object());
  CHECK_FALSE(world.enforcement.busy(world.now.steady));
}

TEST_CASE("enforcement: it says when it has something to do", "[sessions]") {
  World world;
  CHECK(world.enforcement.next_due(world.now) == Enforcement::TimePoint::max());
  world.rules[kId].until = world.today() + std::chrono::hours{24 * 365 * 5000};
  world.review();
  CHECK(world.enforcement.next_due(world.now) == Enforcement::TimePoint::max());
  world.rules[kId].until = world.today() - 1s;
  world.review();
  CHECK(world.enforcement.next_due(world.now) == world.now.steady);
  world.rules[kId].until.reset();
  static_cast<void>(world.step());
  world.begin_with({});
  CHECK(world.enforcement.next_due(world.now) > world.now.steady + 14min);
}

TEST_CASE(
    "enforcement: a closing is done once every server has answered and every session is closed",
    "[sessions]") {
  World world;
  world.begin_with({7, 8});
  const auto closing = std::make_shared<Closing>();
  world.enforcement.close_all(kId, world.sessions.of(kId), world.now, ClosingPart{closing});
  const auto kicks = world.step();
  REQUIRE(world.shown(kicks) == Texts{"KICK N1 7", "KICK N1 8"});
  CHECK_FALSE(closing->get().done);
  CHECK(closing->get().open == 2);
  world.answer(kicks[0], auth::Json::object());
  world.answer(kicks[1], kUnknown);  // another gateway was quicker
  const auto swept = world.step_after(50ms);
  REQUIRE(world.shown(swept) == Texts{"CONNZ " + kId});
  CHECK_FALSE(closing->get().done);
  world.answer_page(swept[0], {7, 9});  // 9 was not remembered, and 7 is still on its way out
  const auto more = world.step();
  REQUIRE(world.shown(more) == Texts{"KICK N1 7", "KICK N1 9"});
  CHECK(closing->get().open == 1);
  world.answer(more[0], kUnknown);
  world.answer(more[1], auth::Json::object());
  CHECK(closing->get().done);
  CHECK(closing->get().closed == 3);
  CHECK(closing->get().open == 0);
}

TEST_CASE("enforcement: a session that nobody saw is not counted as closed", "[sessions]") {
  World world;
  world.begin_with({});
  REQUIRE(world.sessions.admit(world.session(7), 0, {}));  // its client left before it was told
  const auto closing = std::make_shared<Closing>();
  world.enforcement.close_all(kId, world.sessions.of(kId), world.now, ClosingPart{closing});
  world.answer(world.step().at(0), kUnknown);
  world.answer_page(world.step_after(50ms).at(0), {});
  CHECK(closing->get().done);
  CHECK(closing->get().closed == 0);
}

TEST_CASE("enforcement: a closing is not done while nothing is sent or a server is silent",
          "[sessions]") {
  World world;
  world.begin_with({7});
  world.enforcement.on_disconnected();
  const auto closing = std::make_shared<Closing>();
  world.enforcement.close_all(kId, world.sessions.of(kId), world.now, ClosingPart{closing});
  CHECK(world.step().empty());
  CHECK_FALSE(closing->get().done);
  world.enforcement.on_connected(world.now);
  for (const auto& asked : world.step_after(50ms)) {
    if (asked.body.contains("cid")) world.answer(asked, auth::Json::object());
  }
  // Which servers there are is not known yet, so their time is waited for.
  CHECK_FALSE(closing->get().done);
  CHECK(closing->get().closed == 1);
}

TEST_CASE("enforcement: a login that was kicked before it was let in is not counted",
          "[sessions]") {
  struct Row {
    const char* account;  // in which its end is told
    bool known;           // its beginning was told
    std::uint64_t closed;
  };
  const Row row = GENERATE(Row{"APP", false, 1}, Row{"$G", true, 1}, Row{"$G", false, 0},
                           Row{"N/A", false, 0}, Row{"", false, 0});
  CAPTURE(row.account, row.known);
  World world;
  world.begin_with({});
  if (row.known) world.tell("CONNECT", 7);
  const auto closing = std::make_shared<Closing>();
  world.enforcement.close_all(kId, {}, world.now, ClosingPart{closing});
  world.tell_kicked(7, row.account);
  CHECK(closing->get().closed == row.closed);
}

TEST_CASE("enforcement: what another gateway kicked for the same change is counted once",
          "[sessions]") {
  World world;
  world.begin_with({7, 8});
  const auto closing = std::make_shared<Closing>();
  world.tell_kicked(7);  // before this one has read the journal
  world.enforcement.close_all(kId, world.sessions.of(kId), world.now, ClosingPart{closing});
  const auto kicks = world.step();
  REQUIRE(world.shown(kicks) == Texts{"KICK N1 8"});
  world.tell_kicked(8);
  world.answer(kicks[0], kUnknown);
  world.answer_page(world.step_after(50ms).at(0), {});
  CHECK(closing->get().done);
  CHECK(closing->get().closed == 2);
  // A second one has nothing left to close.
  const auto second = std::make_shared<Closing>();
  world.enforcement.close_all(kId, world.sessions.of(kId), world.now, ClosingPart{second});
  world.answer_page(world.step().at(0), {});
  CHECK(second->get().done);
  CHECK(second->get().closed == 0);
}

namespace {

// A closing of all that the credential has.
std::shared_ptr<Closing> begin_closing(World& world) {
  const auto closing = std::make_shared<Closing>();
  world.enforcement.close_all(kId, world.sessions.of(kId), world.now, ClosingPart{closing});
  return closing;
}

auth::Json none_of_another() {
  auth::Json page = connz(nullptr, "N2");
  page["server"]["name"] = "two";
  return page;
}

// N1 does not answer, and N2 has no session.
void pass_seconds(World& world, int seconds) {
  for (int second = 0; second < seconds; ++second) {
    for (const auto& asked : world.step_after(1s)) {
      if (asked.subject.find(".N1.") == std::string::npos) world.answer(asked, none_of_another());
    }
  }
}

// N1 has the sessions, and nobody answers any more until it is given up.
void let_server_hang(World& world, const std::vector<std::uint64_t>& cids) {
  world.begin_with(cids);
  world.enforcement.count(kId, world.now);
  for (int second = 0; second < 25; ++second)
    static_cast<void>(world.step_after(1s));
}

}  // namespace

TEST_CASE("enforcement: a closing is not done while a server that was given up may still run",
          "[sessions]") {
  World world;
  world.begin_with({7});
  const auto closing = begin_closing(world);
  pass_seconds(world, 3);
  const auto soon = closing->get(world.now.steady);
  CHECK_FALSE(soon.done);
  CHECK_FALSE(soon.settled);  // it may yet answer
  CHECK(soon.open == 0);      // nobody knows
  REQUIRE(soon.silent.size() == 1);
  CHECK(soon.silent[0].name == "srv");
  CHECK(soon.silent[0].sessions == 1);
  pass_seconds(world, 10);
  const auto given_up = closing->get(world.now.steady);
  CHECK_FALSE(given_up.done);
  CHECK(given_up.settled);
  REQUIRE(given_up.silent.size() == 1);
  CHECK(given_up.silent[0].silent_for == 12s);
}

TEST_CASE("enforcement: a closing that begins after a server was given up waits for it as well",
          "[sessions]") {
  World world;
  let_server_hang(world, {7});
  const auto closing = begin_closing(world);
  for (const auto& asked : world.step())
    world.answer(asked, none_of_another());  // the others have none
  static_cast<void>(world.step_after(1s));
  CHECK_FALSE(closing->get(world.now.steady).done);
  CHECK(closing->get(world.now.steady).settled);
  // There is a link to it again: it is looked for. What it has of the credential is closed, and
  // counted.
  world.enforcement.on_link("N1", true, world.now);
  const auto looked = world.step();
  REQUIRE(world.shown(looked) == Texts{"CONNZ -"});
  world.answer_page(looked[0], {});
  const auto asked = world.step();
  REQUIRE(world.shown(asked) == Texts{"CONNZ N1"});
  world.answer_page(asked[0], {7});
  const auto kicks = world.step();
  REQUIRE(world.shown(kicks) == Texts{"KICK N1 7"});
  CHECK_FALSE(closing->get(world.now.steady).done);
  world.answer(kicks[0], auth::Json::object());
  CHECK(closing->get(world.now.steady).done);
  CHECK(closing->get(world.now.steady).closed == 1);
}

TEST_CASE("enforcement: a server is gone that shut down, or died, or whose name began anew",
          "[sessions]") {
  World world;
  let_server_hang(world, {7});
  const auto closing = begin_closing(world);
  pass_seconds(world, 2);
  REQUIRE_FALSE(closing->get(world.now.steady).done);
  const bool shut_down = GENERATE(true, false);
  const std::string subject = shut_down ? "$SYS.SERVER.N1.SHUTDOWN" : "$SYS.ACCOUNT.APP.CONNECT";
  world.enforcement.on_message(
      {.subject = subject,
       .number = 0,
       .data = R"({"server":{"id":"N3","name":"srv"},"client":{"id":5,"user":"somebody"}})"},
      world.now, world.lookup());
  CHECK(closing->get(world.now.steady).done);
}

TEST_CASE(
    "enforcement: a server that closed its link and answers over no other is soon taken for "
    "dead, and its sessions for ended",
    "[sessions]") {
  World world;
  world.begin_with({7});
  world.enforcement.on_link("N1", false, world.now);
  const bool back = GENERATE(false, true);
  if (back) world.enforcement.on_link("N1", true, world.now);
  const auto closing = begin_closing(world);
  pass_seconds(world, 6);
  CHECK(closing->get(world.now.steady).done != back);
  CHECK(closing->get(world.now.steady).closed == 0);
  CHECK(closing->get(world.now.steady).open == 0);
  CHECK(world.sessions.size() == (back ? 1U : 0U));
  if (back) return;
  // And whoever asks later does not wait for it.
  const auto later = begin_closing(world);
  pass_seconds(world, 2);
  CHECK(later->get(world.now.steady).done);
}

TEST_CASE(
    "enforcement: a closing does not wait for a leafnode whose client left before it was "
    "told",
    "[sessions]") {
  World world;
  world.begin_with({});
  REQUIRE(world.sessions.admit(world.session(7, true), 0, {}));
  const auto closing = begin_closing(world);
  world.answer(world.step().at(0), kUnknown);
  world.answer_page(world.step_after(50ms).at(0), {});
  CHECK(closing->get().done);
  CHECK(closing->get().closed == 0);
  CHECK(world.shown(world.step_after(200ms)) == Texts{"KICK N1 7"});  // it may be let in yet
}

TEST_CASE("enforcement: a login that was being decided is closed, and is not counted as a session",
          "[sessions]") {
  World world;
  world.begin_with({});
  const auto closing = begin_closing(world);
  auth::Json pending = connection(7);
  pending.erase("account");
  world.answer(world.step().at(0), connz(auth::Json::array({pending})));
  const auto kicks = world.step();
  REQUIRE(world.shown(kicks) == Texts{"KICK N1 7"});
  CHECK(closing->get().open == 0);
  world.answer(kicks[0], auth::Json::object());
  CHECK(closing->get().done);
  CHECK(closing->get().closed == 0);
}
