#include "gateway/config/server_urls.h"

#include "auth/base/text.h"
#include "tests/support/catch.h"

namespace {

// The urls with a blank between them, or the error.
std::string read(const std::string& list) {
  const auto urls = gateway::read_server_urls(list);
  return urls ? auth::join(*urls, " ") : urls.error();
}

}  // namespace

TEST_CASE("server_urls: one url, or several with commas, are read as clients read them",
          "[config]") {
  const auto [list, urls] = GENERATE(table<const char*, const char*>({
      {"nats://127.0.0.1:4222", "nats://127.0.0.1:4222"},
      {"tls://nats-1.example.com", "tls://nats-1.example.com:4222"},
      {"localhost", "nats://localhost:4222"},
      {"localhost:1", "nats://localhost:1"},
      {"nats://a/", "nats://a:4222"},
      {"nats://[::1]", "nats://[::1]:4222"},
      {"[2001:db8::7]:65535", "nats://[2001:db8::7]:65535"},
      {"nats://a:1,nats://b:2", "nats://a:1 nats://b:2"},
      {"nats://a , b:2,\tc", "nats://a:4222 nats://b:2 nats://c:4222"},
      {"nats://a,tls://b:2", "tls://a:4222 tls://b:2"},
      {"nats://a,nats://a", "nats://a:4222 nats://a:4222"},
  }));
  CAPTURE(list);
  CHECK(read(list) == urls);
  CHECK(read(auth::join(*gateway::read_server_urls(list), ",")) == urls);
}

TEST_CASE("server_urls: the error names the wrong url, unless it may hold a password", "[config]") {
  const std::string right = " must be nats://host:4222 or tls://host:4222";
  const std::string no_login = "must not hold a user or a password; each entry" + right;
  const std::string empty = "has an empty entry; each" + right;
  const auto [list, error] = GENERATE_COPY(table<std::string, std::string>({
      {"", empty},
      {" ", empty},
      {"nats://a,", empty},
      {",nats://a", empty},
      {"nats://a,,nats://b", empty},
      {"nats://", "\"nats://\"" + right},
      {"http://a", "\"http://a\"" + right},
      {"wss://a:443", "\"wss://a:443\"" + right},
      {"NATS://a", "\"NATS://a\"" + right},
      {"nats://a,ftp://b", "\"ftp://b\"" + right},
      {"nats://a b", "\"nats://a b\"" + right},
      {"nats://a/b", "\"nats://a/b\"" + right},
      {"nats://a:", "\"nats://a:\"" + right},
      {"nats://a:0", "\"nats://a:0\"" + right},
      {"nats://a:65536", "\"nats://a:65536\"" + right},
      {"nats://a:+1", "\"nats://a:+1\"" + right},
      {"nats://a:1:2", "\"nats://a:1:2\"" + right},
      {"nats://::1", "\"nats://::1\"" + right},
      {"nats://[::1", "\"nats://[::1\"" + right},
      {"nats://[]x", "\"nats://[]x\"" + right},
      {"nats://[a]:1]", "\"nats://[a]:1]\"" + right},
      {"nats://bob:hunter2@a", no_login},
      {"nats://a,s3cret@b", no_login},
      {"nats://a\nx", "an entry" + right},
      {std::string(301, 'a') + ":x", "an entry" + right},
  }));
  CAPTURE(list);
  CHECK(read(list) == error);
}

TEST_CASE("server_urls: nobody is sent to an address that servers only listen on", "[config]") {
  const auto [listen, reached] = GENERATE(table<const char*, const char*>({
      {"0.0.0.0:4222", "127.0.0.1:4222"},
      {":4222", "127.0.0.1:4222"},
      {"[::]:1", "[::1]:1"},
      {"[0:0::0]:1", "[::1]:1"},
      {"[::ffff:0.0.0.0]:1", "127.0.0.1:1"},
      {"127.0.0.1:4222", "127.0.0.1:4222"},
      {"10.0.0.0:4222", "10.0.0.0:4222"},
      {"[::1]:4222", "[::1]:4222"},
      {"nats.example.com:4222", "nats.example.com:4222"},
      {"0.0.0.0.example.com:4222", "0.0.0.0.example.com:4222"},
  }));
  CAPTURE(listen);
  CHECK(gateway::address_to_reach(listen) == reached);
  const std::vector<std::string> urls{"nats://" + std::string(listen), "nats://a:1"};
  CHECK(gateway::urls_to_reach(urls, false) == "nats://" + std::string(reached) + ",nats://a:1");
  CHECK(gateway::urls_to_reach(urls, true) == "tls://" + std::string(reached) + ",tls://a:1");
  CHECK(gateway::urls_to_reach({"tls://" + std::string(listen)}, false) ==
        "tls://" + std::string(reached));
}

TEST_CASE("server_urls: an address of this machine leads nobody else anywhere", "[config]") {
  const auto [list, here] = GENERATE(table<const char*, bool>({
      {"nats://127.0.0.1", true},
      {"tls://127.9.9.9:1", true},
      {"localhost", true},
      {"nats://[::1]", true},
      {"nats://0.0.0.0", true},
      {"nats://10.0.0.1", false},
      {"nats://localhost.example.com", false},
      {"nats://127.0.0.1,nats://a", false},
  }));
  CAPTURE(list);
  CHECK(gateway::lead_to_this_machine(*gateway::read_server_urls(list)) == here);
}
