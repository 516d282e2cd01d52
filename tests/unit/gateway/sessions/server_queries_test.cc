#include "gateway/sessions/server_queries.h"

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "auth/base/json.h"
#include "tests/support/catch.h"
#include "tests/support/connz_pages.h"

using namespace gateway;
using auth::Json;

namespace {

const std::string kId = "CGAAAAAAAAAAAAAAAAAA";

// What is asked of servers, and what comes of their answers.
struct World {
  struct Asked {
    std::string subject;
    Json body;
    std::uint64_t number = 0;
  };
  std::vector<std::string> closed, gone, named, noted;
  std::vector<ServerQueries::TimePoint> named_since;
  std::set<std::uint64_t> unwanted;
  bool faulty = false;
  ServerQueries::TimePoint now{std::chrono::hours{1}};
  ServerQueries queries;

  std::vector<Asked> note(const ServerQueries::Actions& actions) {
    for (const auto& each : actions.closed) {
      closed.push_back(std::to_string(each.session.cid) + (each.kicked ? " kicked" : " not there"));
    }
    for (const auto& each : actions.reported) {
      named.push_back(each.server_id + " " + each.credential + " " +
                      std::to_string(each.report.cids.size()));
      named_since.push_back(each.asked);
    }
    gone.insert(gone.end(), actions.gone.begin(), actions.gone.end());
    for (const auto& each : actions.notices)
      noted.push_back(std::string(each.event) + " " + each.server + " " + each.error);
    std::vector<Asked> asked;
    for (const Question& question : actions.to_send)
      asked.push_back({question.subject, Json::parse(question.body), question.number});
    return asked;
  }
  std::vector<Asked> send() { return note(queries.step(now)); }
  // Advances past the reply timeout.
  std::vector<Asked> send_later() {
    now += std::chrono::seconds{1};
    return send();
  }
  bool met(const std::string& server) { return queries.observe_server(server, "srv", now); }
  void sweep(const std::string& credential) { queries.sweep(credential, now); }
  void kick(std::uint64_t cid) { queries.kick({"N1", cid, "CGA", {}, false}, now); }
  void answer(std::uint64_t number, const std::string& text) {
    const auto may_stay = [this](const Session& found, bool) {
      if (faulty) throw std::runtime_error{"the disk is gone"};
      return !unwanted.contains(found.cid);
    };
    const auto asked =
        note(queries.on_reply({.subject = "", .number = number, .data = text}, now, may_stay));
    CHECK(asked.empty());
  }
  void answer(const Asked& question, const std::string& text) { answer(question.number, text); }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("server_queries: what the servers name and may not stay is closed", "[sessions]") {
  World world;
  world.unwanted = {8};
  REQUIRE(world.met("N1"));
  world.answer(world.send().at(0), connz(nullptr).dump());
  world.named.clear();
  world.sweep("CGAAAAAAAAAAAAAAAAAA");
  const auto swept = world.send();
  REQUIRE(swept.size() == 1);
  CHECK(swept[0].subject == "$SYS.REQ.SERVER.PING.CONNZ");
  CHECK(swept[0].body.at("user") == "CGAAAAAAAAAAAAAAAAAA");
  world.answer(swept[0], connz(Json::array({connection(7), connection(8)})).dump());
  CHECK(world.named == Texts{"N1 CGAAAAAAAAAAAAAAAAAA 2"});
  const auto kicked = world.send();
  REQUIRE(kicked.size() == 1);
  CHECK(kicked[0].subject == "$SYS.REQ.SERVER.N1.KICK");
  CHECK(kicked[0].body == Json{{"cid", 8}});
  world.answer(kicked[0], "no JSON");
  CHECK(world.closed.empty());
  world.answer(kicked[0], "{}");
  CHECK(world.closed == Texts{"8 kicked"});
  world.answer(kicked[0], "{}");  // once
  CHECK(world.closed.size() == 1);
}

TEST_CASE("server_queries: a server that has no such connection is done with it", "[sessions]") {
  World world;
  world.kick(7);
  world.answer(world.send().at(0),
               R"({"error":{"code":400,"description":"no such client or leafnode id"}})");
  CHECK(world.closed == Texts{"7 not there"});
  CHECK_FALSE(world.queries.busy(world.now));
}

TEST_CASE("server_queries: an answer that a fault kept from being looked at is looked at again",
          "[sessions]") {
  World world;
  world.unwanted = {7};
  REQUIRE(world.met("N1"));
  const std::string answer = connz(Json::array({connection(7)})).dump();
  world.faulty = true;
  auto asked = world.send();
  // However long it lasts, the server is there.
  for (int n = 0; n < 100; ++n) {
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].subject == "$SYS.REQ.SERVER.N1.CONNZ");
    CHECK_THROWS(world.answer(asked[0], answer));
    asked = world.send_later();
  }
  CHECK(world.named.empty());
  CHECK(world.gone.empty());
  world.faulty = false;
  world.answer(asked.at(0), answer);
  CHECK(world.named == Texts{"N1  1"});
  const auto kicks = world.send();
  REQUIRE(kicks.size() == 1);
  CHECK(kicks[0].body == Json{{"cid", 7}});
}

TEST_CASE("server_queries: who did not answer is asked alone, and given up in the end",
          "[sessions]") {
  World world;
  world.sweep("");
  const auto first = world.send();
  world.answer(first.at(0), connz(nullptr, "N1").dump());
  world.answer(first.at(0), connz(nullptr, "N2").dump());
  world.sweep(kId);
  world.answer(world.send().at(0), connz(nullptr, "N1").dump());
  CHECK(world.send_later().empty());  // it takes note of who answered
  int tries = 0;
  for (auto asked = world.send(); !asked.empty(); asked = world.send_later(), ++tries) {
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].subject == "$SYS.REQ.SERVER.N2.CONNZ");
  }
  CHECK(tries == 10);
  CHECK(world.noted == Texts(10, "connz_failed srv "));
  CHECK(world.gone == Texts{"N2"});
  // It was only cut off: whatever was asked meanwhile it has not heard.
  CHECK(world.met("N2"));
  const auto again = world.send();
  REQUIRE(again.size() == 1);
  CHECK(again[0].subject == "$SYS.REQ.SERVER.N2.CONNZ");
  CHECK_FALSE(again[0].body.contains("user"));
}

TEST_CASE(
    "server_queries: a server that was given up is looked for until it is there again, for an hour",
    "[sessions]") {
  World world;
  REQUIRE(world.met("N2"));
  for (auto asked = world.send(); world.gone.empty(); asked = world.send_later())
    REQUIRE(asked.size() == 1);
  const auto look = [&] {
    world.now += std::chrono::seconds{30};
    return world.send();
  };
  for (int n = 0; n < 5; ++n) {
    const auto looked = look();
    REQUIRE(looked.size() == 1);
    CHECK(looked[0].subject == "$SYS.REQ.SERVER.PING.CONNZ");
    CHECK(looked[0].body.at("user") == "-");
    world.answer(looked[0], connz(nullptr, "N1").dump());
    for (const auto& all : world.send())
      world.answer(all, connz(nullptr, "N1").dump());
  }
  const bool back = GENERATE(true, false);
  if (back) {
    world.answer(look().at(0), connz(nullptr, "N2").dump());
    CHECK(world.send().at(0).subject == "$SYS.REQ.SERVER.N2.CONNZ");
  } else {
    world.now += std::chrono::hours{1};
    static_cast<void>(world.send());
  }
  world.now += std::chrono::seconds{30};
  for (const auto& asked : world.send())
    CHECK(asked.subject != "$SYS.REQ.SERVER.PING.CONNZ");
}

TEST_CASE("server_queries: what nobody has answered is not forgotten", "[sessions]") {
  World world;
  world.sweep(kId);
  for (int n = 0; n < 10; ++n)
    CHECK(world.send_later().size() == 1);
  CHECK(world.send_later().empty());
  world.now += std::chrono::seconds{30};
  const auto again = world.send();
  REQUIRE(again.size() == 1);
  CHECK(again[0].body.at("user") == kId);
}

TEST_CASE("server_queries: a server that may not know of it yet is asked again soon",
          "[sessions]") {
  World world;
  world.queries.kick({"N1", 7, "CGA", {}, true}, world.now, world.now + std::chrono::seconds{1});
  const char* const unknown = R"({"error":{"code":400,"description":"no such client"}})";
  int tries = 0;
  for (auto asked = world.send(); !asked.empty(); asked = world.send(), ++tries) {
    world.answer(asked.at(0), unknown);
    world.now += std::chrono::milliseconds{200};
  }
  CHECK(tries == 6);
  CHECK(world.closed == Texts{"7 not there"});
}

TEST_CASE(
    "server_queries: a server that answers too late for the first time is asked for all that it "
    "has",
    "[sessions]") {
  World world;
  world.sweep(kId);
  const auto asked = world.send();
  world.answer(asked.at(0), connz(nullptr, "N1").dump());
  const auto met = world.send();  // it was not known either
  REQUIRE(met.size() == 1);
  world.answer(met[0], connz(nullptr, "N1").dump());
  CHECK(world.send_later().empty());
  world.answer(asked.at(0), connz(nullptr, "N2").dump());
  const auto late = world.send();
  REQUIRE(late.size() == 1);
  CHECK(late[0].subject == "$SYS.REQ.SERVER.N2.CONNZ");
  CHECK_FALSE(late[0].body.contains("user"));
}

TEST_CASE(
    "server_queries: a server that has shut down is asked nothing more, and does not come back",
    "[sessions]") {
  World world;
  REQUIRE(world.met("N1"));
  world.kick(7);
  const auto asked = world.send();
  world.note(world.queries.on_shutdown("N1"));
  CHECK(world.gone == Texts{"N1"});
  CHECK_FALSE(world.met("N1"));
  CHECK_FALSE(world.queries.busy(world.now));
  for (const auto& question : asked)
    world.answer(question, connz(Json::array({connection(7)})).dump());
  CHECK(world.named.empty());
  CHECK(world.send_later().empty());
  CHECK(world.met("N2"));
}

TEST_CASE("server_queries: an error that says nothing of the connection is not an answer",
          "[sessions]") {
  World world;
  world.kick(7);
  const auto asked = world.send();
  world.answer(asked.at(0), R"({"error":{"code":503,"description":"busy"}})");
  CHECK(world.closed.empty());
  CHECK(world.send_later().empty());
  world.now += std::chrono::seconds{30};
  CHECK(world.send().size() == 1);
  CHECK(world.gone.empty());
}

TEST_CASE("server_queries: pages between which many have ended are read again from before",
          "[sessions]") {
  World world;
  REQUIRE(world.met("N1"));
  const auto page = [](std::uint64_t from, std::uint64_t count) {
    Json list = Json::array();
    for (std::uint64_t n = 0; n < count; ++n)
      list.push_back(connection(from + n));
    return connz(list).dump();
  };
  const auto began = world.now;
  const auto first = world.send();
  world.now += std::chrono::milliseconds{100};
  world.answer(first.at(0), page(0, kConnzPage));
  auto next = world.send();
  REQUIRE(next.size() == 1);
  CHECK(next[0].body.at("offset") == kConnzPage - 64);
  // A hundred of the first page are gone: those after it have moved up, past the overlap.
  world.answer(next[0], page(1060, 10));
  CHECK(world.named.empty());
  next = world.send();
  REQUIRE(next.size() == 1);
  CHECK(next[0].body.at("offset") == 0);
  world.answer(next[0], page(100, 970));
  CHECK(world.named == Texts{"N1  1070"});
  CHECK(world.named_since == std::vector{began});
}

TEST_CASE(
    "server_queries: a server that has more than a page is asked for the next, and then its are "
    "closed",
    "[sessions]") {
  World world;
  world.unwanted = {0, 1030};
  world.sweep("");
  Json full = Json::array();
  for (std::uint64_t n = 0; n < kConnzPage; ++n)
    full.push_back(connection(n));
  world.answer(world.send().at(0), connz(full).dump());
  CHECK(world.named.empty());
  const auto next = world.send();
  REQUIRE(next.size() == 1);  // nothing is closed before all are known
  CHECK(next[0].subject == "$SYS.REQ.SERVER.N1.CONNZ");
  CHECK(next[0].body.at("offset") == kConnzPage - 64);
  world.answer(next[0], connz(Json::array({connection(1023), connection(1030)})).dump());
  CHECK(world.named == Texts{"N1  1025"});
  const auto kicks = world.send();
  REQUIRE(kicks.size() == 2);
  CHECK(kicks[0].body == Json{{"cid", 0}});
  CHECK(kicks[1].body == Json{{"cid", 1030}});
}

TEST_CASE("server_queries: what was asked before the connection was lost is asked again",
          "[sessions]") {
  World world;
  world.kick(7);
  const auto first = world.send();
  CHECK(world.send().empty());
  world.queries.start_over(world.now);
  const auto again = world.send();
  REQUIRE(again.size() == 1);
  CHECK(again[0].number == first.at(0).number);
}

TEST_CASE(
    "server_queries: a kick that nobody answers is told of, and its server given up in the end",
    "[sessions]") {
  World world;
  world.kick(7);
  int tries = 0;
  for (auto asked = world.send(); !asked.empty(); asked = world.send_later())
    ++tries;
  CHECK(tries == 10);
  CHECK(world.noted == Texts{"kick_failed N1 no answer yet", "kick_failed N1 given up"});
  CHECK(world.gone == Texts{"N1"});
  CHECK_FALSE(world.queries.busy(world.now));
}

TEST_CASE("server_queries: an answer to what was not asked yet is none", "[sessions]") {
  World world;
  world.sweep(kId);
  world.kick(7);
  world.answer(0, connz(Json::array({connection(7)})).dump());
  world.answer(1, "{}");
  world.answer(99, "no JSON");
  CHECK(world.named.empty());
  CHECK(world.closed.empty());
  const auto asked = world.send();
  REQUIRE(asked.size() == 3);
  CHECK(asked[2].subject == "$SYS.REQ.SERVER.N1.CONNZ");  // it was heard of
}

TEST_CASE("server_queries: a page of another server than the one that was asked is dropped",
          "[sessions]") {
  World world;
  REQUIRE(world.met("N1"));
  const auto asked = world.send();
  world.answer(asked.at(0), connz(nullptr, "N2").dump());
  CHECK(world.named.empty());
  world.answer(asked.at(0), connz(nullptr, "N1").dump());
  CHECK(world.named == Texts{"N1  0"});
}

TEST_CASE("server_queries: what is due next is known", "[sessions]") {
  World world;
  CHECK(world.queries.next_due() == ServerQueries::TimePoint::max());
  world.queries.sweep(kId, world.now + std::chrono::seconds{5});
  CHECK(world.queries.next_due() == world.now + std::chrono::seconds{5});
  CHECK_FALSE(world.queries.busy(world.now));
  CHECK(world.send().empty());
  world.now += std::chrono::seconds{5};
  CHECK(world.queries.busy(world.now));
  CHECK(world.send().size() == 1);
  CHECK(world.queries.next_due() == world.now + std::chrono::seconds{1});
}
