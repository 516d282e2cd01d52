#include "gateway/nats/server_links.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "gateway/platform/clock.h"
#include "tests/support/captured.h"
#include "tests/support/catch.h"

using gateway::LinkTable;
using gateway::Locked;
using gateway::ServerLinks;
using namespace std::chrono_literals;

namespace {

const std::string kA = "nats://a:4222";
const std::string kB = "nats://b:4222";

// What a server is like, and what its link was told.
struct Server {
  std::string id;
  bool reachable = true;
  bool alive = true;
  bool hangs = false;
  std::vector<std::string> others{};
  int links = 0;  // that were made
  int drained = 0;
  std::optional<bool> several{};
};

using Servers = Locked<std::map<std::string, Server>>;

class Link : public gateway::ServerLink {
 public:
  Link(Servers& servers, std::string url) : servers_(servers), url_(std::move(url)) {}

  std::string server_id() const override { return servers_.lock()->at(url_).id; }
  void serve(bool several) override { servers_.lock()->at(url_).several = several; }
  bool alive() const override { return servers_.lock()->at(url_).alive; }
  bool answers(std::chrono::milliseconds patience) const override {
    const bool hangs = servers_.lock()->at(url_).hangs;
    if (hangs) std::this_thread::sleep_for(patience);
    return !hangs;
  }
  std::vector<std::string> discovered() const override { return servers_.lock()->at(url_).others; }
  bool drain() override {
    ++servers_.lock()->at(url_).drained;
    return true;
  }

 private:
  Servers& servers_;
  const std::string url_;
};

struct World {
  Servers servers;
  gateway::LameDuckSignals lame_ducks;
  LinkTable table{{kA}, true};

  ServerLinks::Deps deps() {
    return {
        .dial =
            [this](const std::string& url, auto& /*lame_duck*/) {
              const auto all = servers.lock();
              const auto found = all->find(url);
              if (found == all->end() || !found->second.reachable)
                throw std::runtime_error("refused");
              ++found->second.links;
              return std::make_shared<Link>(servers, url);
            },
        .lame_ducks = lame_ducks,
        .timing = {
            .poll = 2ms, .min_delay = 1ms, .max_delay = 4ms, .ask_every = 10ms, .patience = 25ms}};
  }
  std::vector<std::string> up() const {
    std::vector<std::string> urls;
    for (const auto& state : table.states()) {
      if (state.up) urls.push_back(state.url);
    }
    return urls;
  }
  Server of(const std::string& url) { return servers.lock()->at(url); }
};

template <class Condition>
void until(Condition condition) {
  for (int i = 0; i < 10'000 && !condition(); ++i)
    std::this_thread::sleep_for(1ms);
  REQUIRE(condition());
}

using Urls = std::vector<std::string>;

}  // namespace

TEST_CASE("server_links: there is a link to each server, also to one that is added later",
          "[nats]") {
  World world;
  world.servers.lock()->insert({kA, {.id = "NA"}});
  ServerLinks links{world.table, world.deps()};
  until([&] { return world.up() == Urls{kA}; });
  CHECK(world.of(kA).several == false);
  world.servers.lock()->insert({kB, {.id = "NB"}});
  world.servers.lock()->at(kA).others = {kB};
  until([&] { return world.up() == Urls{kA, kB}; });
  until([&] { return world.of(kA).several == true; });
  CHECK(world.of(kA).links == 1);
  CHECK(world.of(kB).links == 1);
  world.servers.lock()->at(kA).others = {};
  world.servers.lock()->at(kB).alive = false;
  until([&] { return !world.table.wants(kB); });
  world.servers.lock()->at(kB).alive = true;
  world.servers.lock()->at(kA).others = {kB};
  until([&] { return world.up() == Urls{kA, kB}; });
}

TEST_CASE(
    "server_links: a server that hangs is dropped, and one that cannot be reached is tried on",
    "[nats]") {
  World world;
  world.servers.lock()->insert({kA, {.id = "NA", .others = {kB}}});
  world.servers.lock()->insert({kB, {.id = "NB"}});
  made::Captured log{STDERR_FILENO};
  {
    ServerLinks links{world.table, world.deps()};
    until([&] { return world.up() == Urls{kA, kB}; });
    {
      const auto servers = world.servers.lock();
      servers->at(kB).hangs = true;
      servers->at(kB).reachable = false;
    }
    until([&] { return world.up() == Urls{kA}; });
    until([&] { return world.table.states().at(1).error == "refused"; });
    {
      const auto servers = world.servers.lock();
      servers->at(kB).hangs = false;
      servers->at(kB).reachable = true;
    }
    until([&] { return world.up() == Urls{kA, kB}; });
    CHECK(world.of(kA).links == 1);
  }
  const std::string text = log.end();
  CHECK(text.find("event=server_hangs url=\"nats://b:4222\"") != std::string::npos);
  CHECK(text.find("event=connect_failed url=\"nats://b:4222\" error=\"refused\"") !=
        std::string::npos);
}

TEST_CASE("server_links: where no server answers none is dropped for it", "[nats]") {
  World world;
  world.servers.lock()->insert({kA, {.id = "NA", .others = {kB}}});
  world.servers.lock()->insert({kB, {.id = "NB"}});
  ServerLinks links{world.table, world.deps()};
  until([&] { return world.up() == Urls{kA, kB}; });
  for (const std::string& url : {kA, kB})
    world.servers.lock()->at(url).hangs = true;
  std::this_thread::sleep_for(200ms);
  CHECK(world.of(kA).links + world.of(kB).links <= 3);  // one may have answered just before
  CHECK_FALSE(world.up().empty());
}

TEST_CASE("server_links: a second address of a server gets the link when the first loses it",
          "[nats]") {
  World world;
  world.servers.lock()->insert({kA, {.id = "N1", .others = {kB}}});
  world.servers.lock()->insert({kB, {.id = "N1", .others = {kA}}});
  ServerLinks links{world.table, world.deps()};
  until([&] { return world.of(kB).links == 1; });
  until([&] { return world.up() == Urls{kA}; });
  {
    const auto servers = world.servers.lock();
    servers->at(kA).reachable = servers->at(kA).alive = false;
  }
  until([&] { return world.up() == Urls{kB}; });
}

TEST_CASE("server_links: a server in lame duck mode is drained while another one is up", "[nats]") {
  World world;
  world.servers.lock()->insert({kA, {.id = "NA"}});
  ServerLinks links{world.table, world.deps()};
  until([&] { return world.up() == Urls{kA}; });
  SECTION("and kept while there is no other") {
    world.lame_ducks.of(kA).raise();
    std::this_thread::sleep_for(50ms);
    CHECK(world.of(kA).drained == 0);
  }
  SECTION("once") {
    world.servers.lock()->insert({kB, {.id = "NB"}});
    world.servers.lock()->at(kA).others = {kB};
    until([&] { return world.up() == Urls{kA, kB}; });
    world.lame_ducks.of(kA).raise();
    until([&] { return world.of(kA).drained == 1 && world.up() == Urls{kA, kB}; });
    CHECK(world.of(kB).drained == 0);
  }
}

TEST_CASE("server_links: when they are drained each link takes no more, and none is made",
          "[nats]") {
  World world;
  world.servers.lock()->insert({kA, {.id = "NA", .others = {kB}}});
  world.servers.lock()->insert({kB, {.id = "NB"}});
  ServerLinks links{world.table, world.deps()};
  until([&] { return world.up() == Urls{kA, kB}; });
  links.drain();
  CHECK(world.of(kA).drained == 1);
  CHECK(world.of(kB).drained == 1);
  CHECK(world.of(kA).links + world.of(kB).links == 2);
}
