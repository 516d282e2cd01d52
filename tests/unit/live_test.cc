#include "gateway/live.h"

#include "tests/unit/catch.h"

using gateway::Connected;
using gateway::Live;

namespace {

Connected at(const std::string& server, std::uint64_t cid, const std::string& credential = "CGA") {
  return {server, cid, credential};
}

std::vector<std::string> seen(const Live& live, const std::string& credential = "CGA") {
  std::vector<std::string> list;
  for (const Connected& connection : live.of(credential)) {
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
