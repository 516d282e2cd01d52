#include "gateway/nats/other_servers.h"

#include <set>

#include "tests/support/catch.h"

using gateway::for_any;
using gateway::for_server;
using gateway::LinkTable;
using gateway::NatsConfig;

TEST_CASE("other_servers: one that was discovered by its address has the name of the first",
          "[nats]") {
  const auto [configured, ca_file, url, tls_name] =
      GENERATE(table<const char*, const char*, const char*, const char*>({
          {"tls://n.example:4222", "", "tls://10.0.0.2:4222", "n.example"},
          {"tls://n.example:4222", "", "tls://[::2]:4222", "n.example"},
          {"nats://n.example:4222", "ca.pem", "nats://10.0.0.2:4222", "n.example"},
          {"tls://n.example:4222", "", "tls://m.example:4222", ""},
          {"tls://10.0.0.1:4222", "", "tls://10.0.0.1:4222", ""},
          {"nats://n.example:4222", "", "nats://10.0.0.2:4222", ""},
      }));
  CAPTURE(configured, url);
  NatsConfig config;
  config.urls = {configured};
  config.nkey = "n";
  config.ca_file = ca_file;
  const NatsConfig there = for_server(config, url);
  CHECK(there.urls == std::vector<std::string>{url});
  CHECK(there.tls_name == tls_name);
  CHECK(there.nkey == "n");
}

TEST_CASE("other_servers: any server is one with a link, another than the last where there is one",
          "[nats]") {
  constexpr auth::Time kNow{std::chrono::seconds{1}};
  NatsConfig config;
  config.urls = {"nats://a:4222", "nats://b:4222"};
  LinkTable links{config.urls, true};
  CHECK(for_any(config, links).urls == config.urls);
  for (const auto& url : config.urls) {
    REQUIRE(links.claim(url, url));
    links.set_up(url, kNow);
  }
  std::set<std::vector<std::string>> seen;
  for (int i = 0; i < 200; ++i) {
    seen.insert(for_any(config, links).urls);
    CHECK(for_any(config, links, "nats://a:4222").urls.front() == "nats://b:4222");
  }
  CHECK(seen.size() == 2);
  links.set_down("nats://b:4222", "lost", kNow);
  CHECK(for_any(config, links, "nats://a:4222").urls.front() == "nats://a:4222");
}
