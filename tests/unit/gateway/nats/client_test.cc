#include "gateway/nats/client.h"

#include <algorithm>
#include <set>

#include "tests/support/catch.h"

using gateway::in_order_of_trying;

TEST_CASE("client: servers are tried in any order, but the one to be tried last", "[nats]") {
  const std::vector<std::string> urls = {"nats://a", "tls://b:4222", "nats://[::1]", "nats://c:1"};
  std::set<std::vector<std::string>> orders;
  for (int i = 0; i < 1000; ++i)
    orders.insert(in_order_of_trying(urls, ""));
  CHECK(orders.size() == 24);
  for (const auto& [last, url] :
       std::vector<std::pair<std::string, std::string>>{{"nats://a:4222", "nats://a"},
                                                        {"nats://b:4222", "tls://b:4222"},
                                                        {"nats://[::1]:4222", "nats://[::1]"},
                                                        {"nats://c:1", "nats://c:1"}}) {
    CAPTURE(last);
    for (int i = 0; i < 100; ++i)
      REQUIRE(in_order_of_trying(urls, last).back() == url);
  }
  CHECK(in_order_of_trying({"nats://a"}, "nats://a:4222") == std::vector<std::string>{"nats://a"});
  CHECK(in_order_of_trying(urls, "nats://z:4222").size() == 4);
}
