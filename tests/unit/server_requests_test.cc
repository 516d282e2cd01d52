#include "gateway/server_requests.h"

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "auth/json_read.h"
#include "tests/unit/catch.h"

using namespace gateway;
using auth::Json;

namespace {

Json connz(Json connections) {
  return {{"server", {{"id", "N1"}, {"name", "srv"}}},
          {"data", {{"connections", std::move(connections)}}}};
}

Json connection(std::uint64_t cid) {
  return {{"cid", cid},       {"kind", "Client"},
          {"type", "nats"},   {"ip", "::1"},
          {"port", 4711},     {"start", "2026-11-24T18:55:00.185483272Z"},
          {"name", "app"},    {"lang", "C"},
          {"account", "APP"}, {"authorized_user", "CGAAAAAAAAAAAAAAAAAA"},
          {"in_msgs", 3}};
}

// What is asked of servers, and what comes of their answers.
struct World {
  struct Question {
    std::string subject;
    Json body;
    std::uint64_t number = 0;
  };
  std::vector<Question> asked;
  std::vector<std::string> closed, gone, named;
  std::set<std::uint64_t> unwanted;
  bool faulty = false;
  ServerRequests requests{
      {.ask =
           [this](const std::string& subject, const std::string& body, std::uint64_t number) {
             asked.push_back({subject, Json::parse(body), number});
           },
       .may_stay =
           [this](const Connected& found, bool, auth::Instant) {
             if (faulty) throw std::runtime_error{"the disk is gone"};
             return !unwanted.contains(found.cid);
           },
       .named =
           [this](std::string_view server, const std::string& credential,
                  const std::set<std::uint64_t>& cids) {
             named.push_back(std::string(server) + " " + credential + " " +
                             std::to_string(cids.size()));
           },
       .closed =
           [this](const Connected& connection, bool kicked) {
             closed.push_back(std::to_string(connection.cid) + (kicked ? " kicked" : " not there"));
           },
       .gone = [this](std::string_view server) { gone.emplace_back(server); }}};

  // The questions since the last call.
  std::vector<Question> send() {
    asked.clear();
    requests.send_due();
    return asked;
  }
  void answer(const Question& question, const std::string& text) {
    requests.take({.subject = "", .number = question.number, .data = text});
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a page of connections is read, without those that are no credential's") {
  Json stranger = connection(8);
  stranger["authorized_user"] = "alice";
  Json pending = connection(9);
  pending.erase("account");
  Json global = connection(10);
  global["account"] = "$G";
  const auto page = read_connz(connz({connection(7), stranger, pending, global, 5}).dump());
  REQUIRE(page);
  CHECK(page->server_id == "N1");
  CHECK(page->server_name == "srv");
  CHECK_FALSE(page->more);
  REQUIRE(page->sessions.size() == 3);
  const Session& session = page->sessions.front();
  CHECK(session.cid == 7);
  CHECK(session.address == "[::1]:4711");
  CHECK(session.type == "nats");
  CHECK(session.in_messages == 3);
  CHECK(session.out_messages == 0);
  CHECK(session.began == auth::Instant{std::chrono::microseconds{1'795'546'500'185'483}});
  CHECK(is_let_in(session));
  CHECK_FALSE(is_let_in(page->sessions.at(1)));
  CHECK_FALSE(is_let_in(page->sessions.at(2)));
}

TEST_CASE("a page that is full has another behind it") {
  Json list = Json::array();
  for (std::uint64_t n = 0; n < kConnzPage; ++n)
    list.push_back(connection(n));
  CHECK(read_connz(connz(list).dump())->more);
  list.erase(0);
  CHECK_FALSE(read_connz(connz(list).dump())->more);
}

TEST_CASE("what is no page of connections is none") {
  for (const char* text : {"", "{", "[]", "{}", R"({"server":{"id":7}})", R"({"server":[]})"}) {
    CAPTURE(text);
    CHECK_FALSE(read_connz(text));
  }
  // An error, or a server without connections.
  CHECK(read_connz(R"({"server":{"id":"N1"},"error":{"code":500}})")->sessions.empty());
  Json odd = connection(7);
  odd["cid"] = -1;
  CHECK(read_connz(connz({odd}).dump())->sessions.empty());
  const std::string good = connz({connection(7)}).dump();
  for (std::size_t n = 0; n < good.size(); ++n)
    CHECK_FALSE(read_connz(good.substr(0, n)));
  for (std::size_t n = 0; n < good.size(); ++n) {
    std::string flipped = good;
    flipped[n] = static_cast<char>(flipped[n] ^ 1);
    static_cast<void>(read_connz(flipped));  // whatever it says, it does not throw
  }
}

TEST_CASE("servers tell of connections that come and go") {
  const auto event = [](const Json& client) {
    return read_account_event(
        Json{{"server", {{"id", "N1"}, {"name", "srv"}}}, {"client", client}}.dump());
  };
  const Json client = {{"id", 7},
                       {"user", "CGAAAAAAAAAAAAAAAAAA"},
                       {"kind", "Leafnode"},
                       {"start", "2026-11-24T18:55:00.185483272Z"}};
  const auto told = event(client);
  REQUIRE(told);
  CHECK(told->server_name == "srv");
  REQUIRE(told->connection);
  CHECK(told->connection->server_id == "N1");
  CHECK(told->connection->cid == 7);
  CHECK(told->connection->leafnode);
  CHECK(told->connection->began == auth::Instant{std::chrono::microseconds{1'795'546'500'185'483}});
  const std::pair<const char*, Json> not_ours[] = {
      {"id", -1}, {"id", "7"}, {"id", nullptr}, {"user", "somebody"}, {"user", 7}};
  for (const auto& [member, value] : not_ours) {
    CAPTURE(member, value.dump());
    Json other = client;
    other[member] = value;
    REQUIRE(event(other));
    CHECK_FALSE(event(other)->connection);
  }
  CHECK(event(Json::array())->server_id == "N1");  // as SHUTDOWN, which has no client
  for (const char* text : {"", "7", "{}", R"({"server":{"id":7}})", R"({"server":[]})"}) {
    CAPTURE(text);
    CHECK_FALSE(read_account_event(text));
  }
}

TEST_CASE("what the servers name and may not stay is closed") {
  World world;
  world.unwanted = {8};
  world.requests.sweep("CGAAAAAAAAAAAAAAAAAA", {}, ServerRequests::Clock::now());
  const auto swept = world.send();
  REQUIRE(swept.size() == 1);
  CHECK(swept[0].subject == "$SYS.REQ.SERVER.PING.CONNZ");
  CHECK(swept[0].body.at("user") == "CGAAAAAAAAAAAAAAAAAA");
  world.answer(swept[0], connz({connection(7), connection(8)}).dump());
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

TEST_CASE("a server that has no such connection is done with it") {
  World world;
  world.requests.kick({"N1", 7, "CGA", {}, false});
  world.answer(world.send().at(0), R"({"error":{"code":404}})");
  CHECK(world.closed == Texts{"7 not there"});
  CHECK_FALSE(world.requests.open());
}

TEST_CASE("an answer that a fault kept from being looked at is looked at again") {
  World world;
  world.unwanted = {7};
  world.faulty = true;
  world.requests.sweep("", {}, ServerRequests::Clock::now());
  const auto swept = world.send();
  const std::string answer = connz({connection(7)}).dump();
  CHECK_THROWS(world.answer(swept.at(0), answer));
  CHECK(world.named.empty());
  CHECK(world.requests.open());
  world.faulty = false;
  world.answer(swept.at(0), answer);
  CHECK(world.named == Texts{"N1  1"});
  CHECK(world.send().at(0).body == Json{{"cid", 7}});
}

TEST_CASE("a server that has more than a page is asked for the next, and then its are closed") {
  World world;
  world.unwanted = {0, 1030};
  world.requests.sweep("", {}, ServerRequests::Clock::now());
  Json full = Json::array();
  for (std::uint64_t n = 0; n < kConnzPage; ++n)
    full.push_back(connection(n));
  world.answer(world.send().at(0), connz(full).dump());
  CHECK(world.named.empty());
  const auto next = world.send();
  REQUIRE(next.size() == 1);  // nothing is closed before all are known
  CHECK(next[0].subject == "$SYS.REQ.SERVER.N1.CONNZ");
  CHECK(next[0].body.at("offset") < kConnzPage);
  world.answer(next[0], connz({connection(1023), connection(1030)}).dump());
  CHECK(world.named == Texts{"N1  1025"});
  const auto kicks = world.send();
  REQUIRE(kicks.size() == 2);
  CHECK(kicks[0].body == Json{{"cid", 0}});
  CHECK(kicks[1].body == Json{{"cid", 1030}});
}

TEST_CASE("what was asked before the connection was lost is asked again") {
  World world;
  world.requests.kick({"N1", 7, "CGA", {}, false});
  const auto first = world.send();
  CHECK(world.send().empty());
  world.requests.start_over();
  const auto again = world.send();
  REQUIRE(again.size() == 1);
  CHECK(again[0].number == first.at(0).number);
}
