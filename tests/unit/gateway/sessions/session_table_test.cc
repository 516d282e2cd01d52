#include "gateway/sessions/session_table.h"

#include "tests/support/catch.h"

using gateway::Session;
using gateway::SessionTable;

namespace {

Session at(const std::string& server, std::uint64_t cid, const std::string& credential = "CGA") {
  return {server, cid, credential, {}, false};
}

std::vector<std::string> seen(const SessionTable& sessions, const std::string& credential = "CGA") {
  std::vector<std::string> list;
  for (const Session& connection : sessions.of(credential)) {
    CHECK(connection.credential == credential);
    list.push_back(connection.server_id + " " + std::to_string(connection.cid));
  }
  return list;
}

using Seen = std::vector<std::string>;

}  // namespace

TEST_CASE("session_table: connections are remembered by credential, each once", "[sessions]") {
  SessionTable sessions;
  sessions.add(at("N1", 7));
  sessions.add(at("N2", 7));
  sessions.add(at("N1", 7));
  sessions.add(at("N1", 8, "CGB"));
  CHECK(seen(sessions) == Seen{"N1 7", "N2 7"});
  CHECK(seen(sessions, "CGB") == Seen{"N1 8"});
  CHECK(seen(sessions, "CGC").empty());
  CHECK(sessions.size() == 3);
}

TEST_CASE("session_table: a login that two gateways answer is one session, and stays confirmed",
          "[sessions]") {
  SessionTable sessions;
  const auth::Instant now{std::chrono::hours{1}};
  const Session session{"N1", 7, "CGA", now, false};
  CHECK(sessions.admit(session, 1, now));
  CHECK(sessions.admit(session, 1, now));
  sessions.add(session);
  CHECK(sessions.admit(session, 1, now));
  CHECK_FALSE(sessions.admit({"N1", 8, "CGA", now, false}, 1, now + std::chrono::hours{1}));
  CHECK(sessions.size() == 1);
}

TEST_CASE("session_table: a connection that is closed is forgotten, and nothing else is",
          "[sessions]") {
  SessionTable sessions;
  sessions.add(at("N1", 7));
  sessions.add(at("N2", 7));
  sessions.remove(at("N1", 8));
  sessions.remove(at("N3", 7));
  sessions.remove(at("N1", 7, "CGB"));
  CHECK(sessions.size() == 2);
  sessions.remove(at("N1", 7));
  CHECK(seen(sessions) == Seen{"N2 7"});
  sessions.remove(at("N2", 7));
  CHECK(sessions.size() == 0);
}

TEST_CASE("session_table: a connection whose end was heard of first does not come to life again",
          "[sessions]") {
  SessionTable sessions;
  sessions.remove(at("N1", 7));
  sessions.add(at("N1", 7));
  CHECK(sessions.size() == 0);
  sessions.add(at("N2", 7));
  sessions.add(at("N1", 8));
  CHECK(seen(sessions) == Seen{"N1 8", "N2 7"});
  // What was closed long before is not remembered for ever.
  for (std::uint64_t cid = 100; cid < 10'000; ++cid)
    sessions.remove(at("N1", cid));
  sessions.add(at("N1", 7));
  CHECK(seen(sessions) == Seen{"N1 7", "N1 8", "N2 7"});
}

TEST_CASE("session_table: those that hang up before they are told do not pile up", "[sessions]") {
  SessionTable sessions;
  const auto second = [](std::uint64_t at) { return auth::Instant{std::chrono::seconds{at}}; };
  sessions.add({"N1", 0, "CGA", second(0), false});
  for (std::uint64_t cid = 1; cid <= 10'000; ++cid)
    CHECK(sessions.admit({"N1", cid, "CGA", second(cid), false}, 0, second(cid)));
  CHECK(sessions.size() < 20);
  CHECK(seen(sessions).front() == "N1 0");
}

TEST_CASE("session_table: the connections of a server that went are forgotten", "[sessions]") {
  SessionTable sessions;
  sessions.add(at("N1", 7));
  sessions.add(at("N2", 7));
  sessions.add(at("N1", 9, "CGB"));
  sessions.remove_server("N3");
  CHECK(sessions.size() == 3);
  sessions.remove_server("N1");
  CHECK(seen(sessions) == Seen{"N2 7"});
  CHECK(seen(sessions, "CGB").empty());
}

TEST_CASE("session_table: a credential has no more connections than it may have", "[sessions]") {
  SessionTable sessions;
  const auth::Instant now{std::chrono::hours{1}};
  const auth::Instant settled = now - std::chrono::seconds{5};
  const auto began = [&](std::uint64_t cid, std::chrono::seconds ago) {
    return Session{"N1", cid, "CGA", now - ago, false};
  };
  using std::chrono::seconds;
  CHECK(sessions.admit(began(1, seconds{60}), 2, settled));
  CHECK(sessions.admit(began(2, seconds{1}), 2, settled));
  // The first was never heard of: its client left while it was being asked about, and it counts
  // no more.
  CHECK(sessions.admit(began(3, seconds{0}), 2, settled));
  CHECK_FALSE(sessions.admit(began(4, seconds{0}), 2, settled));
  CHECK(sessions.admit(began(4, seconds{0}), 3, settled));
  CHECK(sessions.admit(began(5, seconds{0}), 0, settled));
}

TEST_CASE("session_table: what a server has told of counts until it tells that it is closed",
          "[sessions]") {
  SessionTable sessions;
  const auth::Instant now{std::chrono::hours{1}};
  const Session old{"N1", 1, "CGA", auth::Instant{}, false};
  const Session leaf{"N1", 2, "CGA", auth::Instant{}, true};
  CHECK(sessions.admit(old, 2, now));
  sessions.add(old);
  CHECK(sessions.admit(leaf, 2, now));
  sessions.add(leaf);
  CHECK_FALSE(sessions.admit({"N1", 3, "CGA", now, false}, 2, now));
  sessions.remove(old);
  CHECK(sessions.admit({"N1", 3, "CGA", now, false}, 2, now));
}

TEST_CASE("session_table: of too many, the newest are named, in an order that every gateway sees",
          "[sessions]") {
  SessionTable sessions;
  const auto began = [](const char* server, std::uint64_t cid, int at) {
    return Session{server, cid, "CGA", auth::Instant{std::chrono::seconds{at}}, false};
  };
  CHECK(sessions.admit(began("N2", 9, 3), 2, {}));
  for (const Session& one :
       {began("N2", 9, 3), began("N1", 7, 1), began("N3", 1, 3), began("N1", 8, 2)}) {
    sessions.add(one);
  }
  const auto named = [&sessions](auth::Instant settled) {
    std::vector<std::string> list;
    for (const Session& one : sessions.take_too_many("CGA", settled))
      list.push_back(one.server_id + " " + std::to_string(one.cid));
    return list;
  };
  CHECK(sessions.has_too_many("CGA"));
  // Those that have been there are left in peace.
  CHECK(named(auth::Instant{std::chrono::seconds{4}}).empty());
  sessions.allow("CGA", 3);
  CHECK(named({}) == Seen{"N3 1"});
  sessions.allow("CGA", 2);
  CHECK(named({}) == Seen{"N2 9"});  // each once
  CHECK(named({}).empty());
  CHECK(sessions.size() == 4);
  sessions.allow("CGA", 4);
  CHECK_FALSE(sessions.has_too_many("CGA"));
  CHECK(sessions.take_too_many("CGB", {}).empty());
  sessions.add(at("N1", 1, "CGB"));  // of one that may have any number
  CHECK(sessions.take_too_many("CGB", {}).empty());
}

TEST_CASE(
    "session_table: what a server does not name any more is closed, but for leafnodes and the "
    "newest",
    "[sessions]") {
  SessionTable sessions;
  const auth::Instant settled{std::chrono::seconds{100}};
  const auto one = [](const char* server, std::uint64_t cid, int began, bool leafnode = false) {
    return Session{server, cid, "CGA", auth::Instant{std::chrono::seconds{began}}, leafnode};
  };
  for (const Session& each : {one("N1", 1, 1), one("N1", 2, 1), one("N1", 3, 1, true),
                              one("N1", 4, 100), one("N2", 5, 1)}) {
    sessions.add(each);
  }
  sessions.add(at("N1", 6, "CGB"));
  sessions.add(at("N2", 7, "CGB"));
  sessions.keep_only("N1", "CGA", {.cids = {2}, .leafnodes = false}, settled);
  CHECK(seen(sessions) == Seen{"N1 2", "N1 3", "N1 4", "N2 5"});
  CHECK(sessions.size() == 6);
  sessions.keep_only("N1", "", {.cids = {2}, .leafnodes = false}, settled);  // of all
  CHECK(seen(sessions) == Seen{"N1 2", "N1 3", "N1 4", "N2 5"});
  CHECK(seen(sessions, "CGB") == Seen{"N2 7"});
  sessions.keep_only("N1", "", {.cids = {2}, .leafnodes = true}, settled);
  CHECK(seen(sessions) == Seen{"N1 2", "N1 4", "N2 5"});
}

TEST_CASE(
    "session_table: a leafnode that no server tells of does not count for long, and is remembered",
    "[sessions]") {
  SessionTable sessions;
  const auto at = [](int seconds) { return auth::Instant{std::chrono::seconds{seconds}}; };
  CHECK(sessions.admit({"N1", 1, "CGA", at(1), true}, 1, at(0)));
  CHECK_FALSE(sessions.admit({"N1", 2, "CGA", at(2), true}, 1, at(0)));
  CHECK(sessions.admit({"N1", 2, "CGA", at(9), true}, 1, at(5)));
  CHECK(seen(sessions) == Seen{"N1 1", "N1 2"});
}
