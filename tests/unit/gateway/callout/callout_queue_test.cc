#include "gateway/callout/callout_queue.h"

#include <future>
#include <set>
#include <string>
#include <thread>

#include "auth/base/base64.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/random.h"
#include "tests/support/catch.h"
#include "tests/support/make_gateway.h"
#include "tests/support/make_message.h"

using gateway::CalloutQueue;
using gateway::Message;
using gateway::WaitingRequests;
using gateway::made::Gateway;
using gateway::made::request_jwt;
using gateway::made::sealed;
using gateway::made::xkey;
using namespace std::chrono_literals;

namespace {

constexpr WaitingRequests::Limits kAllSorted{
    .few = 0, .unsorted = std::size_t{1} << 20, .sorted = std::size_t{1} << 20};

Message message(const std::string& user, std::chrono::seconds timeout = 60s,
                const std::string& data = "") {
  const auto sent =
      sealed(request_jwt({{"user", user}, {"pass", "p"}}, auth::made::issuer(), timeout), xkey(61));
  return gateway::made::make_message(data.empty() ? sent.data : data, "$SYS._INBOX." + user,
                                     sent.server_xkey);
}

class World {
 public:
  explicit World(WaitingRequests::Limits limits = kAllSorted)
      : codec(gateway.keys, gateway.rules),
        queue(gateway.server_timeout, gateway.missed, gateway.counters, limits) {}
  void push(Message message, CalloutQueue::Clock::time_point arrived = CalloutQueue::Clock::now()) {
    std::vector<Message> messages;
    messages.push_back(std::move(message));
    queue.push(std::move(messages), arrived);
  }
  // The reply's last part of the one whose turn it is; empty where none waits.
  std::string pop() {
    std::stop_source stopped;
    stopped.request_stop();
    const auto request = queue.pop(stopped.get_token(), codec);
    if (!request) return "";
    return std::string(read_message(*request).reply.substr(std::string("$SYS._INBOX.").size()));
  }
  bool missed(const std::string& user) const {
    const auto text = request_jwt({{"user", user}, {"pass", "p"}});
    return gateway.missed.since(gateway.missed.key(auth::peek_request(text))).has_value();
  }

  Gateway gateway;
  gateway::CalloutCodec codec;
  CalloutQueue queue;
};

}  // namespace

TEST_CASE("callout_queue: a request is given as it came, with its time of arrival", "[callout]") {
  World world;
  const auto before = std::chrono::steady_clock::now();
  world.push(message("alice"));
  CHECK(world.queue.size() == 1);
  const auto request = world.queue.pop({}, world.codec).value();
  auto codec = gateway::CalloutCodec{world.gateway.keys, world.gateway.rules};
  const auto task = codec.read(read_message(request), gateway::now_in_seconds());
  REQUIRE(task);
  CHECK(task->request->connect.user == "alice");
  CHECK(task->reply.subject == "$SYS._INBOX.alice");
  CHECK(task->arrived == request.arrived);
  CHECK(task->arrived >= before);
}

TEST_CASE("callout_queue: what its server waits for no longer is dropped, counted and remembered",
          "[callout]") {
  // Where nobody has looked into it, the timeout is that of other requests.
  const bool sorted = GENERATE(true, false);
  World world{sorted ? kAllSorted : CalloutQueue::kLimits};
  const auto now = CalloutQueue::Clock::now();
  world.push(message("alice", 10s), now - 9s);
  world.push(message("bob", 10s), now - (sorted ? 8s : 4s));
  CHECK(world.pop() == "bob");
  CHECK(world.gateway.counters.expired == 1);
  CHECK(world.missed("alice"));
  CHECK_FALSE(world.missed("bob"));
}

TEST_CASE("callout_queue: what is displaced is counted, remembered, and goes first next time",
          "[callout]") {
  const std::size_t bytes = gateway::data(*message("alice")).size() + 1024;
  World world{{.few = 0, .unsorted = 4 * bytes, .sorted = 3 * bytes + 100}};
  for (const char* user : {"alice", "bobby", "carol", "david"})
    world.push(message(user));
  CHECK(world.pop() == "bobby");
  CHECK(world.gateway.counters.displaced == 1);
  CHECK(world.gateway.counters.overload_drops() == 1);
  CHECK(world.missed("alice"));
  CHECK_FALSE(world.missed("bobby"));
  world.push(message("alice"));
  CHECK(world.pop() == "alice");
  CHECK(world.pop() == "carol");
}

TEST_CASE("callout_queue: what comes faster than it can be looked into is counted", "[callout]") {
  World world{{.few = 0, .unsorted = 0, .sorted = std::size_t{1} << 20}};
  world.push(message("alice"));
  CHECK(world.queue.size() == 0);
  CHECK(world.gateway.counters.displaced == 1);
  CHECK(world.gateway.missed.empty());
}

TEST_CASE("callout_queue: what cannot be opened waits like others, and is given", "[callout]") {
  World world;
  world.push(message("alice", 60s, "xkv1 nonsense"));
  world.push(message("bob", 60s, "nonsense"));
  CHECK(world.pop() == "alice");
  CHECK(world.pop() == "bob");
}

TEST_CASE("callout_queue: a source that sends large requests has turns as its bytes allow",
          "[callout]") {
  // As nats-server writes a name of 4,000 times "<", 60 KiB in all.
  const auto large = [](std::size_t number) {
    auth::Json claims = auth::Json::parse(R"({"iat":1800000000,"exp":1800000060})");
    std::string name;
    for (int i = 0; i < 4000; ++i)
      name += R"(\u003c)";
    std::string text = claims.dump();
    text.pop_back();
    text += R"(,"nats":{"client_info":{"host":"198.51.100.1","id":7,"user":")" + name +
            R"("},"connect_opts":{"user":")" + name + "\"}}}";
    const auto jwt = "e30." + auth::write_base64url(auth::bytes_of(text)) + ".c2ln";
    const auto sent = sealed(jwt, xkey(61));
    return gateway::made::make_message(sent.data, "$SYS._INBOX.m" + std::to_string(number),
                                       sent.server_xkey);
  };
  World world{CalloutQueue::kLimits};
  for (std::size_t i = 0; i < 90; ++i)
    world.push(large(i));
  constexpr int kVictims = 40;
  for (int i = 0; i < kVictims; ++i)
    world.push(message("alice" + std::to_string(i)));
  int victims = 0;
  int turns = 0;
  for (; victims < kVictims; ++turns)
    victims += world.pop().starts_with("alice") ? 1 : 0;
  CHECK(turns < kVictims + 12);
  CHECK(world.gateway.counters.displaced == 0);
}

TEST_CASE("callout_queue: whoever waits for a request gets the next one, or the stop",
          "[callout]") {
  World world;
  std::stop_source stop;
  auto waits = std::async(std::launch::async,
                          [&] { return world.queue.pop(stop.get_token(), world.codec); });
  world.push(message("alice"));
  CHECK(waits.get());
  auto ends = std::async(std::launch::async,
                         [&] { return world.queue.pop(stop.get_token(), world.codec); });
  stop.request_stop();
  CHECK_FALSE(ends.get());
  // What waits is still given after it.
  world.push(message("bob"));
  CHECK(world.queue.pop(stop.get_token(), world.codec));
  world.push(message("carol"));
  world.queue.clear();
  CHECK_FALSE(world.queue.pop(stop.get_token(), world.codec));
}

TEST_CASE("callout_queue: those who look into requests at once lose none, and give none twice",
          "[callout]") {
  constexpr std::size_t kRequests = 2000;
  World world{{.few = 0, .unsorted = std::size_t{64} << 20, .sorted = std::size_t{64} << 20}};
  std::vector<std::future<std::set<std::string>>> workers;
  std::stop_source stop;
  for (int i = 0; i < 4; ++i) {
    workers.push_back(std::async(std::launch::async, [&] {
      gateway::CalloutCodec codec{world.gateway.keys, world.gateway.rules};
      std::set<std::string> replies;
      while (const auto request = world.queue.pop(stop.get_token(), codec))
        replies.emplace(read_message(*request).reply);
      return replies;
    }));
  }
  const auto data = std::string(gateway::data(*message("alice")));
  for (std::size_t i = 0; i < kRequests; ++i)
    world.push(message(std::to_string(i), 60s, data));
  stop.request_stop();
  std::set<std::string> all;
  std::size_t given = 0;
  for (auto& worker : workers) {
    const auto replies = worker.get();
    given += replies.size();
    all.insert(replies.begin(), replies.end());
  }
  CHECK(given == kRequests);
  CHECK(all.size() == kRequests);
}

TEST_CASE("callout_queue: requests of more servers than a codec knows are looked into",
          "[callout]") {
  World world;
  const std::string text = request_jwt({{"user", "alice"}});
  for (int round = 0; round < 2; ++round) {
    for (std::uint8_t i = 0; i < 40; ++i) {
      const auto server = xkey(static_cast<std::uint8_t>(100 + i));
      const std::string header = auth::made::text(server);
      const auto data = auth::SharedKey::between(server, xkey(61).public_key())
                            ->seal(text, gateway::random_bytes<auth::kSealNonceBytes>());
      CHECK(world.codec.peek({data, "$SYS._INBOX.a", header}).user == "alice");
    }
  }
}
