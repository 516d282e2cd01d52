#include "gateway/nats/link_table.h"

#include "auth/base/text.h"
#include "tests/support/catch.h"

using gateway::LinkTable;
using namespace std::chrono_literals;

namespace {

constexpr auth::Time kNow{1'800'000'000s};
const std::string kA = "nats://a:4222";
const std::string kB = "nats://b:4222";
const std::string kC = "nats://c:4222";

// The table of one server that is up and tells of these.
void set_up(LinkTable& table, const std::string& url, const std::string& server_id,
            const std::vector<std::string>& others = {}) {
  REQUIRE(table.claim(url, server_id));
  table.set_up(url, kNow);
  table.discovered(url, others);
}

std::string wanted(const LinkTable& table) {
  return auth::join(table.wanted(), " ");
}

}  // namespace

TEST_CASE("link_table: what servers tell of is wanted as long as one that is up tells of it",
          "[nats]") {
  LinkTable table{{kA}, true};
  set_up(table, kA, "NA", {kB, kC});
  CHECK(wanted(table) == kA + " " + kB + " " + kC);
  set_up(table, kB, "NB", {kA, kC});
  table.discovered(kA, {kB});
  CHECK(table.wants(kC));  // as the other still says
  table.discovered(kB, {kA});
  CHECK(wanted(table) == kA + " " + kB);
  table.discovered(kA, {});
  CHECK(table.wants(kB));  // as it has a link
  table.set_down(kB, "lost", kNow);
  CHECK(wanted(table) == kA);
}

TEST_CASE("link_table: what there was is wanted while no server is up", "[nats]") {
  LinkTable table{{kA}, true};
  set_up(table, kA, "NA", {kB});
  table.set_down(kA, "lost", kNow);
  table.set_down(kB, "lost", kNow);
  CHECK(wanted(table) == kA + " " + kB);
  set_up(table, kA, "NA2", {kC});
  CHECK(wanted(table) == kA + " " + kC);
}

TEST_CASE("link_table: with discovery off only the configured servers are wanted", "[nats]") {
  LinkTable table{{kA, kB}, false};
  set_up(table, kA, "NA", {kC});
  CHECK(wanted(table) == kA + " " + kB);
}

TEST_CASE("link_table: what servers tell of is read as urls are, and bounded", "[nats]") {
  LinkTable table{{"tls://a:4222"}, true};
  REQUIRE(table.claim("tls://a:4222", "NA"));
  table.set_up("tls://a:4222", kNow);
  table.discovered("tls://a:4222", {"nats://10.0.0.1:4222", "[::1]:4222", "b", "nats://u:p@c:1",
                                    "nats://d:0", "", "http://e", "nats://f:1,nats://g:1"});
  CHECK(wanted(table) == "tls://10.0.0.1:4222 tls://[::1]:4222 tls://a:4222 tls://b:4222");
  std::vector<std::string> many;
  for (std::size_t i = 0; i < 2 * LinkTable::kMaxAddresses; ++i)
    many.push_back("nats://h" + std::to_string(i) + ":4222");
  table.discovered("tls://a:4222", many);
  CHECK(table.wanted().size() == LinkTable::kMaxAddresses);
}

TEST_CASE("link_table: of two addresses of one server the first has the link", "[nats]") {
  LinkTable table{{kA, kB}, true};
  set_up(table, kA, "N1");
  CHECK_FALSE(table.stands_by(kB));
  CHECK_FALSE(table.claim(kB, "N1"));
  CHECK(table.stands_by(kB));
  CHECK(table.states().size() == 1);
  CHECK_FALSE(table.several());
  table.set_down(kA, "lost", kNow);
  CHECK_FALSE(table.stands_by(kB));
  CHECK_FALSE(table.several());
  CHECK(table.claim(kB, "N1"));
}

TEST_CASE("link_table: there are several servers once another was tried", "[nats]") {
  LinkTable table{{kA}, true};
  set_up(table, kA, "NA");
  CHECK_FALSE(table.several());
  table.discovered(kA, {kB});
  CHECK_FALSE(table.several());
  SECTION("one that cannot be reached may be there all the same") {
    table.set_down(kB, "timeout", kNow);
  }
  SECTION("one that can is there") {
    REQUIRE(table.claim(kB, "NB"));
  }
  CHECK(table.several());
}

TEST_CASE("link_table: a state has since when and why, and one reason is new once", "[nats]") {
  LinkTable table{{kA}, true};
  CHECK(table.set_down(kA, "refused", kNow));
  CHECK_FALSE(table.set_down(kA, "refused", kNow + 1s));
  CHECK(table.set_down(kA, "timeout", kNow + 2s));
  auto state = table.states().at(0);
  CHECK_FALSE(state.up);
  CHECK(state.since == kNow);
  CHECK(state.error == "timeout");
  REQUIRE(table.claim(kA, "NA"));
  table.set_up(kA, kNow + 3s);
  state = table.states().at(0);
  CHECK(state.up);
  CHECK(state.since == kNow + 3s);
  CHECK(state.server_id == "NA");
  CHECK(state.error.empty());
  CHECK(table.set_down(kA, "timeout", kNow + 4s));
}

TEST_CASE("link_table: the longest link that is up is known", "[nats]") {
  LinkTable table{{kA, kB}, true};
  CHECK(table.longest_up().empty());
  REQUIRE(table.claim(kB, "NB"));
  table.set_up(kB, kNow);
  REQUIRE(table.claim(kA, "NA"));
  table.set_up(kA, kNow + 1s);
  CHECK(table.longest_up() == kB);
  table.set_down(kB, "lost", kNow + 2s);
  CHECK(table.longest_up() == kA);
}

TEST_CASE("link_table: whether another server has answered since is known", "[nats]") {
  LinkTable table{{kA, kB}, true};
  const LinkTable::TimePoint asked{1s};
  set_up(table, kA, "NA");
  set_up(table, kB, "NB");
  CHECK_FALSE(table.another_answered(kA, asked));
  table.answered(kA, asked);
  CHECK_FALSE(table.another_answered(kA, asked));
  table.answered(kB, asked - 1ms);
  CHECK_FALSE(table.another_answered(kA, asked));
  table.answered(kB, asked);
  CHECK(table.another_answered(kA, asked));
  CHECK(table.another_up(kA));
  table.set_down(kB, "lost", kNow);
  CHECK_FALSE(table.another_answered(kA, asked));
  CHECK_FALSE(table.another_up(kA));
}
