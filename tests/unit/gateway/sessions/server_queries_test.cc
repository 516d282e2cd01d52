#include "gateway/sessions/server_queries.h"

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "auth/base/json.h"
#include "tests/support/catch.h"

using namespace gateway;
using auth::Json;

namespace {

const std::string kId = "CGAAAAAAAAAAAAAAAAAA";

Json connz(Json connections, const char* server = "N1") {
  return {{"server", {{"id", server}, {"name", "srv"}}},
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
  std::vector<ServerQueries::Clock::time_point> named_since;
  std::set<std::uint64_t> unwanted;
  bool faulty = false;
  ServerQueries::Clock::time_point now{std::chrono::hours{1}};
  ServerQueries requests{
      {.ask =
           [this](const std::string& subject, const std::string& body, std::uint64_t number) {
             asked.push_back({subject, Json::parse(body), number});
           },
       .now = [this] { return now; },
       .may_stay =
           [this](const Session& found, bool) {
             if (faulty) throw std::runtime_error{"the disk is gone"};
             return !unwanted.contains(found.cid);
           },
       .named =
           [this](std::string_view server, const std::string& credential,
                  const SessionTable::ServerReport& has, ServerQueries::Clock::time_point first) {
             named.push_back(std::string(server) + " " + credential + " " +
                             std::to_string(has.cids.size()));
             named_since.push_back(first);
           },
       .closed =
           [this](const Session& connection, bool kicked) {
             closed.push_back(std::to_string(connection.cid) + (kicked ? " kicked" : " not there"));
           },
       .gone = [this](std::string_view server) { gone.emplace_back(server); }}};

  // The questions since the last call.
  std::vector<Question> send() {
    asked.clear();
    requests.send_due();
    return asked;
  }
  // So late that what was asked is asked again.
  std::vector<Question> send_later() {
    now += std::chrono::seconds{1};
    return send();
  }
  void sweep(const std::string& credential) { requests.sweep(credential, now); }
  void kick(std::uint64_t cid) { requests.kick({"N1", cid, "CGA", {}, false}); }
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
  const auto page =
      read_connz(connz(Json::array({connection(7), stranger, pending, global, 5})).dump());
  REQUIRE(page);
  CHECK(page->server_id == "N1");
  CHECK(page->server_name == "srv");
  CHECK_FALSE(page->more);
  REQUIRE(page->sessions.size() == 3);
  const ConnzEntry& session = page->sessions.front();
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

TEST_CASE("servers from 2.11.5 on name their leafnodes") {
  const auto names = [](const char* version) {
    Json page = connz(nullptr);
    page["server"]["ver"] = version;
    return read_connz(page.dump())->names_leafnodes;
  };
  for (const char* version : {"2.11.5", "2.11.10", "2.12.0", "2.12.0-RC.1", "3.0.0"}) {
    CAPTURE(version);
    CHECK(names(version));
  }
  for (const char* version : {"2.10.27", "2.11.4", "", "2.11", "2.11.", "x", "-1.99.99"}) {
    CAPTURE(version);
    CHECK_FALSE(names(version));
  }
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
  // What says nothing of connections does not say that there are none.
  Json failed = connz(Json::array());
  failed["error"] = {{"code", 500}};
  CHECK_FALSE(read_connz(failed.dump()));
  CHECK_FALSE(read_connz(R"({"server":{"id":"N1"},"data":{}})"));
  CHECK_FALSE(read_connz(R"({"server":{"id":"N1"},"data":{"connections":7}})"));
  CHECK(read_connz(connz(Json::array()).dump())->sessions.empty());
  CHECK(read_connz(connz(nullptr).dump())->sessions.empty());
  Json odd = connection(7);
  odd["cid"] = -1;
  CHECK(read_connz(connz(Json::array({odd})).dump())->sessions.empty());
  const std::string good = connz(Json::array({connection(7)})).dump();
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
  CHECK(event(nullptr)->server_id == "N1");
  for (const char* text : {"", "7", "{}", R"({"server":{"id":7}})", R"({"server":[]})"}) {
    CAPTURE(text);
    CHECK_FALSE(read_account_event(text));
  }
}

TEST_CASE("what the servers name and may not stay is closed") {
  World world;
  world.unwanted = {8};
  REQUIRE(world.requests.met("N1", "srv"));
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

TEST_CASE("a server that has no such connection is done with it") {
  World world;
  world.kick(7);
  world.answer(world.send().at(0),
               R"({"error":{"code":400,"description":"no such client or leafnode id"}})");
  CHECK(world.closed == Texts{"7 not there"});
  CHECK_FALSE(world.requests.open());
}

TEST_CASE("the subject says which server shuts down") {
  CHECK(server_shut_down("$SYS.SERVER.N1.SHUTDOWN") == "N1");
  for (const char* subject : {"", "$SYS.SERVER.N1.STATSZ", "$SYS.SERVER.SHUTDOWN", "N1.SHUTDOWN",
                              "$SYS.ACCOUNT.A.DISCONNECT"}) {
    CAPTURE(subject);
    CHECK(server_shut_down(subject).empty());
  }
}

TEST_CASE("an answer that a fault kept from being looked at is looked at again") {
  World world;
  world.unwanted = {7};
  REQUIRE(world.requests.met("N1", "srv"));
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

TEST_CASE("who did not answer is asked alone, and given up in the end") {
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
  CHECK(world.gone == Texts{"N2"});
  // It was only cut off: whatever was asked meanwhile it has not heard.
  CHECK(world.requests.met("N2", "srv"));
  const auto again = world.send();
  REQUIRE(again.size() == 1);
  CHECK(again[0].subject == "$SYS.REQ.SERVER.N2.CONNZ");
  CHECK_FALSE(again[0].body.contains("user"));
}

TEST_CASE("a server that was given up is looked for until it is there again, for an hour") {
  World world;
  REQUIRE(world.requests.met("N2", "srv"));
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

TEST_CASE("what nobody has answered is not forgotten") {
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

TEST_CASE("a server that may not know of it yet is asked again soon") {
  World world;
  world.requests.kick({"N1", 7, "CGA", {}, true}, world.now + std::chrono::seconds{1});
  const char* const unknown = R"({"error":{"code":400,"description":"no such client"}})";
  int tries = 0;
  for (auto asked = world.send(); !asked.empty(); asked = world.send(), ++tries) {
    world.answer(asked.at(0), unknown);
    world.now += std::chrono::milliseconds{200};
  }
  CHECK(tries == 6);
  CHECK(world.closed == Texts{"7 not there"});
}

TEST_CASE("a server that answers too late for the first time is asked for all that it has") {
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

TEST_CASE("a server that has shut down is asked nothing more, and does not come back") {
  World world;
  REQUIRE(world.requests.met("N1", "srv"));
  world.kick(7);
  const auto asked = world.send();
  world.requests.shut_down("N1");
  CHECK(world.gone == Texts{"N1"});
  CHECK_FALSE(world.requests.met("N1", "srv"));
  CHECK_FALSE(world.requests.open());
  for (const auto& question : asked)
    world.answer(question, connz(Json::array({connection(7)})).dump());
  CHECK(world.named.empty());
  CHECK(world.send_later().empty());
  CHECK(world.requests.met("N2", "srv"));
}

TEST_CASE("an error that says nothing of the connection is no answer") {
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

TEST_CASE("pages between which many have ended are read again from before") {
  World world;
  REQUIRE(world.requests.met("N1", "srv"));
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

TEST_CASE("a server that has more than a page is asked for the next, and then its are closed") {
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

TEST_CASE("what was asked before the connection was lost is asked again") {
  World world;
  world.kick(7);
  const auto first = world.send();
  CHECK(world.send().empty());
  world.requests.start_over();
  const auto again = world.send();
  REQUIRE(again.size() == 1);
  CHECK(again[0].number == first.at(0).number);
}
