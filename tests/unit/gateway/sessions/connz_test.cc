#include "gateway/sessions/connz.h"

#include <nlohmann/json.hpp>

#include "auth/base/json.h"
#include "tests/support/catch.h"
#include "tests/support/connz_pages.h"

using namespace gateway;
using auth::Json;

TEST_CASE("connz: a page of connections is read, without those that are not credential's",
          "[sessions]") {
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

TEST_CASE("connz: servers from 2.11.5 on name their leafnodes", "[sessions]") {
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

TEST_CASE("connz: a page that is full has another behind it", "[sessions]") {
  Json list = Json::array();
  for (std::uint64_t n = 0; n < kConnzPage; ++n)
    list.push_back(connection(n));
  CHECK(read_connz(connz(list).dump())->more);
  list.erase(0);
  CHECK_FALSE(read_connz(connz(list).dump())->more);
}

TEST_CASE("connz: what is not a page of connections is none", "[sessions]") {
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

TEST_CASE("connz: servers tell of connections that come and go", "[sessions]") {
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
  REQUIRE(told->session);
  CHECK(told->session->server_id == "N1");
  CHECK(told->session->cid == 7);
  CHECK(told->session->leafnode);
  CHECK(told->session->began == auth::Instant{std::chrono::microseconds{1'795'546'500'185'483}});
  const std::pair<const char*, Json> not_ours[] = {
      {"id", -1}, {"id", "7"}, {"id", nullptr}, {"user", "somebody"}, {"user", 7}};
  for (const auto& [member, value] : not_ours) {
    CAPTURE(member, value.dump());
    Json other = client;
    other[member] = value;
    REQUIRE(event(other));
    CHECK_FALSE(event(other)->session);
  }
  CHECK(event(nullptr)->server_id == "N1");
  for (const char* text : {"", "7", "{}", R"({"server":{"id":7}})", R"({"server":[]})"}) {
    CAPTURE(text);
    CHECK_FALSE(read_account_event(text));
  }
}

TEST_CASE("connz: the subject says which server shuts down", "[sessions]") {
  CHECK(server_shut_down("$SYS.SERVER.N1.SHUTDOWN") == "N1");
  for (const char* subject : {"", "$SYS.SERVER.N1.STATSZ", "$SYS.SERVER.SHUTDOWN", "N1.SHUTDOWN",
                              "$SYS.ACCOUNT.A.DISCONNECT"}) {
    CAPTURE(subject);
    CHECK(server_shut_down(subject).empty());
  }
}
