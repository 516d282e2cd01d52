#include "gateway/callout/auth_error_listener.h"

#include "tests/support/catch.h"

using namespace gateway;
using auth::ServerRefusal;

namespace {

struct Notes {
  RecentGrants grants;
  Readiness readiness;
  Counters counters;

  void hear(ServerRefusal why, std::uint64_t cid) {
    note_auth_error({.server_id = "N1",
                     .server_name = "s1",
                     .cid = cid,
                     .source = "",
                     .why = why,
                     .text = "its words"},
                    {grants, readiness, counters});
  }
  std::uint64_t counted(ServerRefusal why) const {
    return counters.server_refused.at(static_cast<std::size_t>(why));
  }
  void grant(std::uint64_t cid, const std::string& probed = "") {
    grants.add({.server_id = "N1", .cid = cid, .credential = "CG"}, probed);
  }
};

}  // namespace

TEST_CASE("auth_error_listener: a refused grant of this daemon counts once, and no other's",
          "[callout]") {
  Notes notes;
  notes.grant(7);
  notes.hear(ServerRefusal::account, 8);
  CHECK(notes.counted(ServerRefusal::account) == 0);
  notes.hear(ServerRefusal::account, 7);
  notes.hear(ServerRefusal::account, 7);
  CHECK(notes.counted(ServerRefusal::account) == 1);
}

TEST_CASE("auth_error_listener: what nobody answered counts, whoever should have", "[callout]") {
  Notes notes;
  notes.hear(ServerRefusal::timeout, 9);
  CHECK(notes.counted(ServerRefusal::timeout) == 1);
}

TEST_CASE("auth_error_listener: two refused probes make a gateway unready, and no credential does",
          "[callout]") {
  Notes notes;
  notes.readiness.came_through("APP");
  notes.readiness.judged(std::nullopt);
  REQUIRE(notes.readiness.get().ready);
  for (std::uint64_t cid = 1; cid < 20; ++cid) {
    notes.grant(cid);
    notes.hear(ServerRefusal::signing_key, cid);
  }
  CHECK(notes.counted(ServerRefusal::signing_key) == 19);
  CHECK(notes.readiness.get().ready);
  notes.grant(100, "APP");
  notes.hear(ServerRefusal::signing_key, 100);
  CHECK(notes.readiness.get().ready);
  CHECK(notes.readiness.pause() == std::chrono::seconds{1});
  notes.grant(101, "APP");
  notes.hear(ServerRefusal::signing_key, 101);
  const auto is = notes.readiness.get();
  CHECK_FALSE(is.ready);
  CHECK(is.why_not.find("signing_key (its words); ") != std::string::npos);
  CHECK(is.why_not.find("`callout.issuer`") != std::string::npos);

  notes.readiness.came_through("");  // by another daemon's grant
  CHECK_FALSE(notes.readiness.get().ready);
  notes.readiness.came_through("APP");
  CHECK(notes.readiness.get().ready);
}

TEST_CASE("auth_error_listener: the newest grants are known", "[callout]") {
  RecentGrants grants;
  for (std::uint64_t cid = 0; cid <= RecentGrants::kMax; ++cid)
    grants.add({.server_id = "N1", .cid = cid, .credential = std::to_string(cid)}, "");
  CHECK_FALSE(grants.find("N1", 0));
  CHECK_FALSE(grants.find("N2", 1));
  REQUIRE(grants.find("N1", 1));
  CHECK(grants.take("N1", RecentGrants::kMax)->credential == std::to_string(RecentGrants::kMax));
  CHECK_FALSE(grants.find("N1", RecentGrants::kMax));
}

TEST_CASE("auth_error_listener: one account of several keeps nobody else out, and most do",
          "[callout]") {
  Notes notes;
  notes.readiness.judged(std::nullopt);
  for (const char* account : {"A", "B", "C"})
    notes.readiness.came_through(account);
  std::uint64_t cid = 0;
  const auto refuse_twice = [&](const char* account) {
    for (int i = 0; i < 2; ++i) {
      notes.grant(++cid, account);
      notes.hear(ServerRefusal::account, cid);
    }
  };
  refuse_twice("B");
  CHECK(notes.readiness.get().ready);
  CHECK(notes.readiness.pause() == std::chrono::seconds{5});
  CHECK(notes.readiness.refused().size() == 1);
  CHECK(notes.readiness.refused().at("B").starts_with("account (its words); "));
  refuse_twice("C");
  CHECK_FALSE(notes.readiness.get().ready);
  notes.readiness.came_through("C");
  CHECK(notes.readiness.get().ready);
}
