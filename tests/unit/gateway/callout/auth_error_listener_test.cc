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

TEST_CASE("auth_error_listener: a flood that nobody answers is counted, and some of it is read",
          "[callout]") {
  Notes notes;
  AuthErrorReader reader{{notes.grants, notes.readiness, notes.counters}};
  const AuthErrorReader::Clock::time_point now{};
  const auto text = [](std::uint64_t cid, const std::string& reason, std::size_t length = 0) {
    return R"({"server":{"name":"s1","id":"N1"},"client":{"id":)" + std::to_string(cid) +
           R"(,"user":")" + std::string(length, 'x') + R"("},"reason":")" + reason + R"("})";
  };
  for (const std::uint64_t cid : {1U, 2U, 3U, 4U})
    notes.grant(cid);
  reader.hear(text(1, "", 60'000), now);
  CHECK(notes.grants.find("N1", 1));  // too long to be read
  reader.hear(text(2, ""), now);
  CHECK_FALSE(notes.grants.find("N1", 2));
  reader.hear(text(3, ""),
              now + AuthErrorReader::kUnansweredInterval - std::chrono::milliseconds{1});
  CHECK(notes.grants.find("N1", 3));
  reader.hear(text(3, ""), now + AuthErrorReader::kUnansweredInterval);
  CHECK_FALSE(notes.grants.find("N1", 3));
  CHECK(notes.counted(ServerRefusal::timeout) == 4);

  // Whatever else the server refuses is read meanwhile.
  reader.hear(text(4, "User JWT issuer is not known"), now);
  CHECK(notes.counted(ServerRefusal::signing_key) == 1);
  reader.hear(text(4, "User JWT issuer is not known", 60'000), now);
  CHECK(notes.counted(ServerRefusal::other) == 1);
  reader.hear(text(4, "Auth callout service returned an error", 60'000), now);
  CHECK(notes.counted(ServerRefusal::other) == 1);
  reader.hear("nonsense", now);
  CHECK(notes.counted(ServerRefusal::other) == 1);
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

TEST_CASE("auth_error_listener: a grant is found by its server and its number alone, till it goes",
          "[callout]") {
  RecentGrants grants;
  const auto add = [&](const char* server, std::uint64_t cid, const std::string& credential) {
    grants.add({.server_id = server, .cid = cid, .credential = credential}, "");
  };
  add("N1", 1, "a");
  add("N2", 1, "b");
  add("N1", 1, "c");  // again, with one number
  CHECK(grants.find("N2", 1)->credential == "b");
  CHECK(grants.take("N2", 1)->credential == "b");
  CHECK_FALSE(grants.take("N2", 1));
  CHECK(grants.take("N1", 1));
  CHECK(grants.take("N1", 1));
  CHECK_FALSE(grants.take("N1", 1));
  // Where others take their places nothing is left of them, and of what was taken neither.
  for (std::uint64_t round = 0; round < 3; ++round) {
    for (std::uint64_t cid = 0; cid < RecentGrants::kMax; ++cid) {
      add("N1", round * RecentGrants::kMax + cid, "x");
      if (cid % 3 == 0) grants.take("N1", round * RecentGrants::kMax + cid);
    }
  }
  for (std::uint64_t cid = 0; cid < 3 * RecentGrants::kMax; ++cid) {
    const bool kept = cid >= 2 * RecentGrants::kMax && cid % RecentGrants::kMax % 3 != 0;
    REQUIRE(grants.find("N1", cid).has_value() == kept);
  }
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
