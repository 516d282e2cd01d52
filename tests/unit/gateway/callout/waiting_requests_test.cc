#include "gateway/callout/waiting_requests.h"

#include <algorithm>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/make_message.h"

using gateway::WaitingRequest;
using gateway::WaitingRequests;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;

namespace {

constexpr std::size_t kBytes = 100;  // of each request
constexpr std::chrono::milliseconds kPatience{3000};
const WaitingRequests::Clock::time_point kBegin{1h};

struct Sent {
  std::string name;
  std::uint8_t source = 1;
  std::uint64_t login = 1;
  std::chrono::milliseconds at{};  // since kBegin
  std::optional<std::chrono::milliseconds> missed{};
  std::size_t bytes = kBytes;
};

std::string name_of(const WaitingRequest& request) {
  return std::string(gateway::data(*request.message));
}

class World {
 public:
  // `few`: so many wait in order. `places`: of all.
  explicit World(std::size_t few = 0, std::size_t places = 1000)
      : waiting({.few = few * kBytes,
                 .unsorted = places * kBytes,
                 .sorted = places * kBytes,
                 .turn = kBytes}) {}

  // The names of those for which there is no place any more.
  Names push(const Sent& sent) {
    sent_.insert_or_assign(sent.name, sent);
    waiting.push({.message = gateway::made::make_message(sent.name),
                  .arrived = kBegin + sent.at,
                  .bytes = sent.bytes,
                  .patience = kPatience});
    for (WaitingRequest& request : waiting.take_unsorted()) {
      const auto peeked = peek(name_of(request));
      waiting.sort(std::move(request), peeked);
    }
    Names names;
    while (const auto displaced = waiting.take_displaced())
      names.push_back(name_of(*displaced));
    return names;
  }
  Names all(std::chrono::milliseconds at) {
    Names names;
    while (const auto request = waiting.pop(kBegin + at))
      names.push_back(name_of(*request));
    return names;
  }
  std::string pop(std::chrono::milliseconds at) {
    return name_of(waiting.pop(kBegin + at).value());
  }
  Names expired(std::chrono::milliseconds at) {
    Names names;
    while (const auto request = waiting.take_expired(kBegin + at))
      names.push_back(name_of(*request));
    return names;
  }

  int peeks = 0;
  WaitingRequests waiting;

 private:
  WaitingRequests::Peeked peek(const std::string& name) {
    ++peeks;
    const Sent& sent = sent_.at(name);
    WaitingRequests::Peeked peeked{
        .who = {.login = sent.login}, .patience = kPatience, .missed = {}};
    peeked.who.network.back() = sent.source;
    if (sent.missed) peeked.missed = kBegin + *sent.missed;
    return peeked;
  }
  std::map<std::string, Sent> sent_;
};

}  // namespace

TEST_CASE("waiting_requests: few are taken in order, and nobody looks into them", "[callout]") {
  World world{3};
  for (const char* name : {"a1", "a2"})
    CHECK(world.push({.name = name}).empty());
  CHECK(world.push({.name = "b1", .source = 2}).empty());
  CHECK(world.waiting.size() == 3);
  CHECK(world.all(2s) == Names{"a1", "a2", "b1"});
  CHECK(world.waiting.size() == 0);
  CHECK(world.peeks == 0);
}

TEST_CASE("waiting_requests: when more wait sources take turns, each in order", "[callout]") {
  World world{3};
  for (const char* name : {"a1", "a2", "a3", "a4"})
    world.push({.name = name});
  world.push({.name = "b1", .source = 2});
  world.push({.name = "c1", .source = 3});
  world.push({.name = "b2", .source = 2});
  CHECK(world.all(0ms) == Names{"a1", "b1", "c1", "a2", "b2", "a3", "a4"});
  CHECK(world.peeks == 7);
  // They are few again.
  world.push({.name = "a5"});
  CHECK(world.all(0ms) == Names{"a5"});
  CHECK(world.peeks == 7);
}

TEST_CASE("waiting_requests: whoever floods does not delay another source", "[callout]") {
  // Now quiet, now congested: the flood is as old as it can be.
  const auto now = GENERATE(values<std::chrono::milliseconds>({0ms, kPatience - 1ms}));
  World world{3, 50};
  int n = 0;
  const auto flood = [&](int count) {
    for (int i = 0; i < count; ++i)
      static_cast<void>(world.push({.name = "flood" + std::to_string(n++)}));
  };
  flood(100);
  for (int round = 0; round < 20; ++round) {
    CHECK(world.push({.name = "alice", .source = 2, .at = now}) ==
          Names{"flood" + std::to_string(n - 50)});
    int turns = 1;
    while (world.pop(now) != "alice") {
      ++turns;
      flood(10);
    }
    CHECK(turns <= 2);
    flood(100);
  }
}

TEST_CASE("waiting_requests: once one waits too long, the newest source has every other turn",
          "[callout]") {
  World world;
  for (std::uint8_t i = 1; i <= 6; ++i)
    world.push({.name = std::to_string(i), .source = i, .at = 1ms * i});
  CHECK(world.all(kPatience / 3 + 100ms) == Names{"6", "1", "5", "2", "4", "3"});
}

TEST_CASE("waiting_requests: once one waits too long, a source's newest goes first", "[callout]") {
  World world;
  for (int i = 1; i <= 4; ++i)
    world.push({.name = std::to_string(i), .at = 1ms * i});
  CHECK(world.pop(kPatience / 3 + 100ms) == "4");
  CHECK(world.all(10ms) == Names{"1", "2", "3"});
}

TEST_CASE("waiting_requests: who is always the newest does not keep out who waits", "[callout]") {
  World world;
  world.push({.name = "old"});
  world.push({.name = "alice", .source = 2, .at = 1ms});
  world.push({.name = "old2"});
  Names handled;
  for (std::uint8_t i = 3; i < 9; ++i) {
    world.push({.name = "new" + std::to_string(i), .source = i, .at = 2s});
    handled.push_back(world.pop(2s));
  }
  CHECK(std::ranges::count(handled, "alice") == 1);
}

TEST_CASE("waiting_requests: what is expired is taken without a turn, and in any order of arrival",
          "[callout]") {
  const auto few = GENERATE(values<std::size_t>({0, 10}));
  World world{few};
  world.push({.name = "a", .at = 0ms});
  world.push({.name = "b", .source = 2, .at = 10ms});
  world.push({.name = "c", .at = 20ms});
  CHECK(world.expired(kPatience - 1ms).empty());
  CHECK(world.waiting.oldest() == kBegin);
  CHECK(world.expired(kPatience + 10ms) == Names{"a", "b"});
  CHECK(world.waiting.oldest() == kBegin + 20ms);
  CHECK(world.all(kPatience + 10ms) == Names{"c"});
  CHECK(world.expired(1h).empty());
}

TEST_CASE("waiting_requests: of the source that takes the most the oldest goes when all is full",
          "[callout]") {
  World world{0, 4};
  CHECK(world.push({.name = "a1"}).empty());
  CHECK(world.push({.name = "m1", .source = 2}).empty());
  CHECK(world.push({.name = "m2", .source = 2}).empty());
  CHECK(world.push({.name = "m3", .source = 2}).empty());
  CHECK(world.push({.name = "m4", .source = 2}) == Names{"m1"});
  CHECK(world.push({.name = "b1", .source = 3}) == Names{"m2"});
  // A large one takes several places.
  CHECK(world.push({.name = "c1", .source = 4, .bytes = 3 * kBytes}) == Names{"c1"});
  CHECK(world.waiting.size() == 4);
  world.waiting.clear();
  CHECK(world.waiting.size() == 0);
  CHECK(world.push({.name = "d1"}).empty());
  CHECK(world.all(0ms) == Names{"d1"});
}

TEST_CASE("waiting_requests: what nobody looks into in time loses its place, the oldest first",
          "[callout]") {
  WaitingRequests waiting{{.few = 0, .unsorted = 2 * kBytes, .sorted = 0}};
  for (const char* name : {"a", "b", "c"}) {
    waiting.push({.message = gateway::made::make_message(name),
                  .arrived = kBegin,
                  .bytes = kBytes,
                  .patience = kPatience});
  }
  CHECK(name_of(waiting.take_displaced().value()) == "a");
  CHECK_FALSE(waiting.take_displaced());
  CHECK(waiting.oldest() == kBegin);
  CHECK(name_of(waiting.take_expired(kBegin + kPatience).value()) == "b");
  CHECK(waiting.size() == 1);
}

TEST_CASE("waiting_requests: of sources that take as much the one goes that has waited longest",
          "[callout]") {
  World world{0, 3};
  world.push({.name = "9", .source = 9});
  world.push({.name = "1", .source = 1});
  world.push({.name = "5", .source = 5});
  CHECK(world.push({.name = "3", .source = 3}) == Names{"9"});
  CHECK(world.push({.name = "7", .source = 7}) == Names{"1"});
  CHECK(world.all(0ms) == Names{"5", "3", "7"});
}

TEST_CASE("waiting_requests: a large request costs its source the turns that it takes",
          "[callout]") {
  World world;
  for (int i = 0; i < 3; ++i)
    world.push({.name = "m" + std::to_string(i), .source = 2, .bytes = 5 * kBytes - 1});
  for (int i = 0; i < 9; ++i)
    world.push({.name = "a" + std::to_string(i)});
  CHECK(world.all(0ms) ==
        Names{"m0", "a0", "a1", "a2", "a3", "a4", "m1", "a5", "a6", "a7", "a8", "m2"});
}

TEST_CASE("waiting_requests: who comes back owes what it had, while another waits", "[callout]") {
  World world;
  for (int i = 0; i < 7; ++i)
    world.push({.name = "a" + std::to_string(i)});
  Names order;
  for (int i = 0; i < 2; ++i) {  // it has one at a time, and none while that is decided
    world.push({.name = "m", .source = 2, .bytes = 4 * kBytes});
    do {
      order.push_back(world.pop(0ms));
    } while (order.back() != "m");
  }
  CHECK(order == Names{"a0", "m", "a1", "a2", "a3", "a4", "m"});
  CHECK(world.all(0ms) == Names{"a5", "a6"});
  // Nobody waits: all is forgotten.
  world.push({.name = "m", .source = 2});
  world.push({.name = "a"});
  CHECK(world.all(0ms) == Names{"m", "a"});
}

TEST_CASE("waiting_requests: what is looked into at once is bounded by its bytes, for any size",
          "[callout]") {
  const auto [bytes, count] =
      GENERATE(table<std::size_t, std::size_t>({{1024, 24},
                                                {2400, 11},
                                                {4096, 6},
                                                {std::size_t{60} << 10, 6},
                                                {std::size_t{250} << 10, 6}}));
  WaitingRequests waiting{{.few = 0, .unsorted = 100 * bytes, .sorted = 0}};
  for (int i = 0; i < 50; ++i) {
    waiting.push({.message = gateway::made::make_message("a"),
                  .arrived = kBegin,
                  .bytes = bytes,
                  .patience = kPatience});
  }
  CHECK(waiting.take_unsorted().size() == count);
}

TEST_CASE("waiting_requests: large ones that nobody has looked into take no place of small ones",
          "[callout]") {
  constexpr std::size_t kLarge = std::size_t{60} << 10;
  WaitingRequests waiting{{.few = 0, .unsorted = 10 * kLarge, .sorted = 100 * kLarge}};
  const auto push = [&](const std::string& name, std::size_t bytes) {
    waiting.push({.message = gateway::made::make_message(name),
                  .arrived = kBegin,
                  .bytes = bytes,
                  .patience = kPatience});
  };
  push("alice", 2500);
  for (int i = 0; i < 40; ++i)
    push("m" + std::to_string(i), kLarge);
  push("bob", 2500);
  std::size_t displaced = 0;
  while (const auto request = waiting.take_displaced())
    CHECK(name_of(*request) == "m" + std::to_string(displaced++));
  CHECK(displaced == 31);
  // Sizes take turns to be looked into.
  Names looked;
  for (const WaitingRequest& request : waiting.take_unsorted())
    looked.push_back(name_of(request));
  CHECK(looked == Names{"alice", "m31", "bob", "m32", "m33", "m34", "m35"});
}

TEST_CASE("waiting_requests: who missed an answer goes first in its source, and in no other",
          "[callout]") {
  World world;
  world.push({.name = "a1"});
  world.push({.name = "a2"});
  world.push({.name = "b1", .source = 2});
  world.push({.name = "late", .login = 2, .missed = -1s});
  world.push({.name = "later", .login = 3, .missed = -500ms});
  CHECK(world.all(0ms) == Names{"late", "b1", "later", "a1", "a2"});
}

TEST_CASE("waiting_requests: one login that misses many answers does not keep back another",
          "[callout]") {
  World world;
  for (int i = 0; i < 10; ++i)
    world.push({.name = "m" + std::to_string(i), .login = 2, .missed = -2s});
  world.push({.name = "alice", .login = 3, .missed = -1s});
  CHECK(world.pop(0ms) == "m9");
  CHECK(world.pop(0ms) == "alice");
  CHECK(world.pop(0ms) == "m8");
}

TEST_CASE("waiting_requests: who missed an answer is the last to lose its place", "[callout]") {
  World world{0, 3};
  world.push({.name = "late", .login = 2, .missed = -1s});
  world.push({.name = "a1"});
  world.push({.name = "a2"});
  CHECK(world.push({.name = "a3"}) == Names{"a1"});
  CHECK(world.push({.name = "late2", .login = 2, .missed = -1s}) == Names{"a2"});
  CHECK(world.push({.name = "late3", .login = 3, .missed = -2s}) == Names{"a3"});
  CHECK(world.push({.name = "late4", .login = 3, .missed = -2s}) == Names{"late"});
  CHECK(world.all(0ms) == Names{"late4", "late2", "late3"});
}

TEST_CASE("waiting_requests: nothing is lost or given twice, whatever comes", "[callout]") {
  World world{5, 60};
  std::uint32_t random = 12345;
  const auto up_to = [&](std::uint32_t n) {
    random = random * 1664525 + 1013904223;
    return (random >> 8) % n;
  };
  Names out;
  std::size_t in = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto at = 2ms * i;
    if (up_to(5) < 3) {
      Sent sent{.name = std::to_string(in++), .at = at};
      sent.source = static_cast<std::uint8_t>(up_to(7));
      sent.login = up_to(3);
      if (up_to(4) == 0) sent.missed = at - 1s;
      if (up_to(4) == 0) sent.bytes = kBytes * (1 + up_to(9));
      std::ranges::copy(world.push(sent), std::back_inserter(out));
    } else if (const auto request = world.waiting.pop(kBegin + at)) {
      out.push_back(name_of(*request));
    }
    std::ranges::copy(world.expired(at), std::back_inserter(out));
    REQUIRE(world.waiting.size() <= 60);
  }
  std::ranges::copy(world.all(11s), std::back_inserter(out));
  CHECK(out.size() == in);
  std::ranges::sort(out);
  CHECK(std::ranges::adjacent_find(out) == out.end());
}
