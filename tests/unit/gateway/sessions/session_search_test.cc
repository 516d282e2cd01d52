#include "gateway/sessions/session_search.h"

#include <nlohmann/json.hpp>

#include "auth/base/json.h"
#include "tests/support/catch.h"
#include "tests/support/connz_pages.h"

using namespace gateway;
using namespace std::chrono_literals;
using auth::Json;

namespace {

using Texts = std::vector<std::string>;

struct World {
  SessionSearch::TimePoint now{1h};
  SessionSearch search{"CGAAAAAAAAAAAAAAAAAA", now};
  std::vector<Question> asked;

  // What is asked, shortly: "PING", "N1 960".
  Texts step_after(std::chrono::milliseconds time) {
    now += time;
    asked = search.step(now);
    Texts list;
    for (const Question& question : asked) {
      const Json body = Json::parse(question.body);
      CHECK(body.at("user") == "CGAAAAAAAAAAAAAAAAAA");
      const auto offset = body.at("offset").dump();
      list.push_back(question.subject == kConnzOfAll
                         ? "PING"
                         : question.subject.substr(sizeof "$SYS.REQ.SERVER." - 1, 2) + " " +
                               offset);
    }
    return list;
  }
  Texts step() { return step_after(0ms); }
  void answer(std::uint64_t number, const Json& reply) {
    search.on_reply(number, reply.dump(), now);
  }
  static Json page(const char* server, std::uint64_t from, std::uint64_t to) {
    Json list = Json::array();
    for (; from < to; ++from)
      list.push_back(connection(from));
    Json reply = connz(list, server);
    reply["server"]["name"] = std::string("name of ") + server;
    return reply;
  }
  // "name of N1: 3", with "…" where it is not all.
  Texts found() const {
    Texts list;
    for (const ServerSessions& server : search.found()) {
      list.push_back(server.server_name + ": " + std::to_string(server.sessions.size()) +
                     (server.complete ? "" : " and more"));
    }
    return list;
  }
};

}  // namespace

TEST_CASE("session_search: a search ends when no new server has answered for a second",
          "[sessions]") {
  World world;
  CHECK(world.step() == Texts{"PING"});
  world.now += 500ms;
  world.answer(0, World::page("N2", 0, 1));
  CHECK(world.step_after(900ms).empty());
  world.answer(0, World::page("N1", 0, 3));
  CHECK(world.step_after(999ms).empty());
  CHECK_FALSE(world.search.done());
  CHECK(world.search.next_due() == world.now + 1ms);
  CHECK(world.step_after(1ms).empty());
  CHECK(world.search.done());
  CHECK(world.found() == Texts{"name of N1: 3", "name of N2: 1"});
}

TEST_CASE("session_search: a server is read to its end, page by page, with each session once",
          "[sessions]") {
  World world;
  static_cast<void>(world.step());
  world.answer(0, World::page("N1", 0, 1024));
  CHECK(world.step() == Texts{"N1 960"});
  world.answer(world.asked.at(0).number, World::page("N1", 960, 1984));
  CHECK(world.step() == Texts{"N1 1920"});
  world.answer(world.asked.at(0).number, World::page("N1", 1920, 2000));
  CHECK(world.step_after(1s).empty());
  CHECK(world.search.done());
  CHECK(world.found() == Texts{"name of N1: 2000"});
  const auto sessions = world.search.found().at(0).sessions;
  for (std::size_t n = 0; n < sessions.size(); ++n)
    REQUIRE(sessions[n].cid == n);
}

TEST_CASE("session_search: sessions that end while a server is read hide no others", "[sessions]") {
  World world;
  static_cast<void>(world.step());
  world.answer(0, World::page("N1", 0, 1024));
  static_cast<void>(world.step());
  world.answer(world.asked.at(0).number, World::page("N1", 1060, 1070));  // a hundred have ended
  CHECK(world.step() == Texts{"N1 0"});
  world.answer(world.asked.at(0).number, World::page("N1", 100, 1070));
  CHECK(world.found() == Texts{"name of N1: 1070"});
}

TEST_CASE(
    "session_search: a page that does not come is asked for again, and then marked as missing",
    "[sessions]") {
  World world;
  static_cast<void>(world.step());
  world.answer(0, World::page("N1", 0, 1024));
  world.answer(0, World::page("N2", 0, 1));
  CHECK(world.step() == Texts{"N1 960"});
  CHECK(world.step_after(1s).empty());
  CHECK_FALSE(world.search.done());  // however silent it is
  CHECK(world.step_after(1s) == Texts{"N1 960"});
  const bool comes = GENERATE(true, false);
  if (comes) {
    world.answer(world.asked.at(0).number, World::page("N1", 960, 1100));
    CHECK(world.step().empty());
    CHECK(world.found() == Texts{"name of N1: 1100", "name of N2: 1"});
  } else {
    CHECK(world.step_after(2s).empty());
    CHECK(world.found() == Texts{"name of N1: 1024 and more", "name of N2: 1"});
  }
  CHECK(world.search.done());
}

TEST_CASE("session_search: all servers are asked twice before there is none", "[sessions]") {
  World world;
  CHECK(world.step() == Texts{"PING"});
  CHECK(world.step_after(1999ms).empty());
  CHECK(world.step_after(1ms) == Texts{"PING"});
  CHECK_FALSE(world.search.done());
  CHECK(world.step_after(2s).empty());
  CHECK(world.search.done());
  CHECK(world.search.found().empty());
}

TEST_CASE("session_search: an answer that comes twice counts once", "[sessions]") {
  World world;
  static_cast<void>(world.step());
  world.answer(0, World::page("N1", 0, 1024));
  world.answer(0, World::page("N1", 0, 1024));
  CHECK(world.step() == Texts{"N1 960"});
  const auto number = world.asked.at(0).number;
  world.answer(number, World::page("N1", 960, 1984));
  world.answer(number, World::page("N1", 960, 1000));  // of the page before
  CHECK(world.step() == Texts{"N1 1920"});
}

TEST_CASE("session_search: what answers no question is dropped", "[sessions]") {
  World world;
  static_cast<void>(world.step());
  world.answer(0, World::page("N1", 0, 1024));
  CHECK(world.step() == Texts{"N1 960"});
  const auto number = world.asked.at(0).number;
  world.answer(number, World::page("N2", 0, 5));      // of another server
  world.answer(number + 1, World::page("N1", 0, 5));  // of another question
  Json error = World::page("N1", 0, 5);
  error["error"] = {{"code", 500}};
  world.answer(number, error);
  for (const char* text : {"", "{", "[]", "{}", R"({"server":{"id":"N1"},"data":7})"})
    world.search.on_reply(number, text, world.now);
  CHECK(world.found() == Texts{"name of N1: 1024 and more"});
  world.answer(number, World::page("N1", 960, 1030));
  CHECK(world.found() == Texts{"name of N1: 1030"});
}

TEST_CASE("session_search: only the credential's sessions count, once they were let in",
          "[sessions]") {
  World world;
  static_cast<void>(world.step());
  Json other = connection(8);
  other["authorized_user"] = "CGBBBBBBBBBBBBBBBBBB";
  Json pending = connection(9);
  pending.erase("account");
  world.answer(0, connz(Json::array({connection(7), other, pending})));
  REQUIRE(world.search.found().size() == 1);
  REQUIRE(world.search.found().at(0).sessions.size() == 1);
  CHECK(world.search.found().at(0).sessions.at(0).cid == 7);
}

TEST_CASE("session_search: servers that never come to an end do not keep a search from its own",
          "[sessions]") {
  World world;
  static_cast<void>(world.step());
  const auto end = world.now + 10s;
  std::uint64_t page = 0;
  int servers = 0;
  world.answer(0, World::page("N0", 0, 1024));
  while (!world.search.done()) {
    REQUIRE(world.now <= end);
    static_cast<void>(world.step_after(500ms));
    world.answer(0, World::page(("M" + std::to_string(++servers)).c_str(), 0, 1));
    for (const Question& question : world.asked) {
      page += 960;
      world.answer(question.number, World::page("N0", page, page + 1024));
    }
  }
  CHECK(world.now == end);
  CHECK(world.found().back().ends_with("and more"));
}
