#include "gateway/sessions/session_table.h"

#include "tests/support/catch.h"

using gateway::Live;
using gateway::Session;

namespace {

Session at(const std::string& server, std::uint64_t cid, const std::string& credential = "CGA") {
  return {server, cid, credential, {}, false};
}

std::vector<std::string> seen(const Live& live, const std::string& credential = "CGA") {
  std::vector<std::string> list;
  for (const Session& connection : live.of(credential)) {
    CHECK(connection.credential == credential);
    list.push_back(connection.server_id + " " + std::to_string(connection.cid));
  }
  return list;
}

using Seen = std::vector<std::string>;

}  // namespace

TEST_CASE("connections are remembered by credential, each once") {
  Live live;
  live.add(at("N1", 7));
  live.add(at("N2", 7));
  live.add(at("N1", 7));
  live.add(at("N1", 8, "CGB"));
  CHECK(seen(live) == Seen{"N1 7", "N2 7"});
  CHECK(seen(live, "CGB") == Seen{"N1 8"});
  CHECK(seen(live, "CGC").empty());
  CHECK(live.size() == 3);
}

TEST_CASE("a connection that is closed is forgotten, and nothing else is") {
  Live live;
  live.add(at("N1", 7));
  live.add(at("N2", 7));
  live.remove(at("N1", 8));
  live.remove(at("N3", 7));
  live.remove(at("N1", 7, "CGB"));
  CHECK(live.size() == 2);
  live.remove(at("N1", 7));
  CHECK(seen(live) == Seen{"N2 7"});
  live.remove(at("N2", 7));
  CHECK(live.size() == 0);
}

TEST_CASE("a connection whose end was heard of first does not come to life again") {
  Live live;
  live.remove(at("N1", 7));
  live.add(at("N1", 7));
  CHECK(live.size() == 0);
  live.add(at("N2", 7));
  live.add(at("N1", 8));
  CHECK(seen(live) == Seen{"N1 8", "N2 7"});
  // What was closed long before is not remembered for ever.
  for (std::uint64_t cid = 100; cid < 10'000; ++cid)
    live.remove(at("N1", cid));
  live.add(at("N1", 7));
  CHECK(seen(live) == Seen{"N1 7", "N1 8", "N2 7"});
}

TEST_CASE("those that hang up before they are told do not pile up") {
  Live live;
  const auto second = [](std::uint64_t at) { return auth::Instant{std::chrono::seconds{at}}; };
  live.add({"N1", 0, "CGA", second(0), false});
  for (std::uint64_t cid = 1; cid <= 10'000; ++cid)
    CHECK(live.admit({"N1", cid, "CGA", second(cid), false}, 0, second(cid)));
  CHECK(live.size() < 20);
  CHECK(seen(live).front() == "N1 0");
}

TEST_CASE("the connections of a server that went are forgotten") {
  Live live;
  live.add(at("N1", 7));
  live.add(at("N2", 7));
  live.add(at("N1", 9, "CGB"));
  live.remove_server("N3");
  CHECK(live.size() == 3);
  live.remove_server("N1");
  CHECK(seen(live) == Seen{"N2 7"});
  CHECK(seen(live, "CGB").empty());
}

TEST_CASE("a credential has no more connections than it may have") {
  Live live;
  const auth::Instant now{std::chrono::hours{1}};
  const auth::Instant settled = now - std::chrono::seconds{5};
  const auto began = [&](std::uint64_t cid, std::chrono::seconds ago) {
    return Session{"N1", cid, "CGA", now - ago, false};
  };
  using std::chrono::seconds;
  CHECK(live.admit(began(1, seconds{60}), 2, settled));
  CHECK(live.admit(began(2, seconds{1}), 2, settled));
  // The first was never heard of: its client left while it was being asked about, and it counts
  // no more.
  CHECK(live.admit(began(3, seconds{0}), 2, settled));
  CHECK_FALSE(live.admit(began(4, seconds{0}), 2, settled));
  CHECK(live.admit(began(4, seconds{0}), 3, settled));
  CHECK(live.admit(began(5, seconds{0}), 0, settled));
}

TEST_CASE("what a server has told of counts until it tells that it is closed") {
  Live live;
  const auth::Instant now{std::chrono::hours{1}};
  const Session old{"N1", 1, "CGA", auth::Instant{}, false};
  const Session leaf{"N1", 2, "CGA", auth::Instant{}, true};
  CHECK(live.admit(old, 2, now));
  live.add(old);
  CHECK(live.admit(leaf, 2, now));
  live.add(leaf);
  CHECK_FALSE(live.admit({"N1", 3, "CGA", now, false}, 2, now));
  live.remove(old);
  CHECK(live.admit({"N1", 3, "CGA", now, false}, 2, now));
}

TEST_CASE("of too many, the newest are named, in an order that every gateway sees") {
  Live live;
  const auto began = [](const char* server, std::uint64_t cid, int at) {
    return Session{server, cid, "CGA", auth::Instant{std::chrono::seconds{at}}, false};
  };
  CHECK(live.admit(began("N2", 9, 3), 2, {}));
  for (const Session& one :
       {began("N2", 9, 3), began("N1", 7, 1), began("N3", 1, 3), began("N1", 8, 2)}) {
    live.add(one);
  }
  const auto named = [&live](auth::Instant settled) {
    std::vector<std::string> list;
    for (const Session& one : live.take_too_many("CGA", settled))
      list.push_back(one.server_id + " " + std::to_string(one.cid));
    return list;
  };
  CHECK(live.has_too_many("CGA"));
  // Those that have been there are left in peace.
  CHECK(named(auth::Instant{std::chrono::seconds{4}}).empty());
  live.allow("CGA", 3);
  CHECK(named({}) == Seen{"N3 1"});
  live.allow("CGA", 2);
  CHECK(named({}) == Seen{"N2 9"});  // each once
  CHECK(named({}).empty());
  CHECK(live.size() == 4);
  live.allow("CGA", 4);
  CHECK_FALSE(live.has_too_many("CGA"));
  CHECK(live.take_too_many("CGB", {}).empty());
  live.add(at("N1", 1, "CGB"));  // of one that may have any number
  CHECK(live.take_too_many("CGB", {}).empty());
}

TEST_CASE("what a server does not name any more is closed, but for leafnodes and the newest") {
  Live live;
  const auth::Instant settled{std::chrono::seconds{100}};
  const auto one = [](const char* server, std::uint64_t cid, int began, bool leafnode = false) {
    return Session{server, cid, "CGA", auth::Instant{std::chrono::seconds{began}}, leafnode};
  };
  for (const Session& each : {one("N1", 1, 1), one("N1", 2, 1), one("N1", 3, 1, true),
                              one("N1", 4, 100), one("N2", 5, 1)}) {
    live.add(each);
  }
  live.add(at("N1", 6, "CGB"));
  live.add(at("N2", 7, "CGB"));
  live.keep_only("N1", "CGA", {.cids = {2}, .leafnodes = false}, settled);
  CHECK(seen(live) == Seen{"N1 2", "N1 3", "N1 4", "N2 5"});
  CHECK(live.size() == 6);
  live.keep_only("N1", "", {.cids = {2}, .leafnodes = false}, settled);  // of all
  CHECK(seen(live) == Seen{"N1 2", "N1 3", "N1 4", "N2 5"});
  CHECK(seen(live, "CGB") == Seen{"N2 7"});
  live.keep_only("N1", "", {.cids = {2}, .leafnodes = true}, settled);
  CHECK(seen(live) == Seen{"N1 2", "N1 4", "N2 5"});
}

TEST_CASE("a leafnode that no server tells of does not count for long, and is remembered") {
  Live live;
  const auto at = [](int seconds) { return auth::Instant{std::chrono::seconds{seconds}}; };
  CHECK(live.admit({"N1", 1, "CGA", at(1), true}, 1, at(0)));
  CHECK_FALSE(live.admit({"N1", 2, "CGA", at(2), true}, 1, at(0)));
  CHECK(live.admit({"N1", 2, "CGA", at(9), true}, 1, at(5)));
  CHECK(seen(live) == Seen{"N1 1", "N1 2"});
}
