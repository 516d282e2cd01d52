#include "gateway/monitor/http_server.h"

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/monitor/health.h"
#include "gateway/platform/fd.h"
#include "tests/support/captured.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kConnections = 256;  // as http_server.cc has it
constexpr auto kLimit = 20s;               // of a wait for what should come at once

// A daemon of which nothing but its parts is there.
struct Parts {
  DaemonView view() {
    return {.config = config,
            .instance = "one",
            .started = {},
            .counters = counters,
            .connections = connections,
            .store = *store,
            .stalls = stalls,
            .recent = recent,
            .sessions = sessions,
            .throttle = throttle,
            .reload = reload,
            .head = head,
            .master_keys = {"0123456789abcdef"}};
  }

  ReloadState reload;
  CurrentConfig config{std::make_shared<const Config>()};
  store::TestStore store;
  Counters counters;
  ConnectionStates connections;
  StallDetectors stalls;
  RecentDecisions recent;
  SessionTable sessions;
  HeadState head;
  Throttle throttle{{}};
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

// A port that nobody else gets while this is there.
class TakenPort {
 public:
  TakenPort() {
    sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    REQUIRE(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&at), size) == 0);
    REQUIRE(listen(fd_.get(), 1) == 0);
    REQUIRE(getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port_ = ntohs(at.sin_port);
  }
  std::uint16_t port() const { return port_; }
  void free() { fd_.reset(); }

 private:
  Fd fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port_ = 0;
};

std::uint16_t free_port() {
  return TakenPort{}.port();
}

// Connects as soon as somebody listens.
class Client {
 public:
  explicit Client(std::uint16_t port) {
    const sockaddr_in at = loopback(port);
    const auto end = std::chrono::steady_clock::now() + kLimit;
    while (connect(fd_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
      REQUIRE(std::chrono::steady_clock::now() < end);
      std::this_thread::sleep_for(10ms);
      fd_ = Fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    }
  }
  void send(std::string_view text) const {
    REQUIRE(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  bool readable(std::chrono::milliseconds patience) const {
    pollfd one{fd_.get(), POLLIN, 0};
    return poll(&one, 1, static_cast<int>(patience.count())) == 1;
  }
  // All that comes until the server closes.
  std::string answer() const {
    std::string text;
    std::array<char, 4096> bytes{};
    for (;;) {
      REQUIRE(readable(kLimit));
      const ssize_t n = recv(fd_.get(), bytes.data(), bytes.size(), 0);
      if (n <= 0) return text;
      text.append(bytes.data(), static_cast<std::size_t>(n));
    }
  }

 private:
  Fd fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

std::string ask(std::uint16_t port, const std::string& method, const std::string& path) {
  const Client client{port};
  client.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return client.answer();
}
std::string get(std::uint16_t port, const std::string& path) {
  return ask(port, "GET", path);
}

bool says(const std::string& answer, const std::string& status, const std::string& body) {
  UNSCOPED_INFO(answer);
  return answer.starts_with("HTTP/1.1 " + status + " ") &&
         answer.find("\r\nConnection: close\r\n") != std::string::npos &&
         answer.ends_with("\r\n\r\n" + body);
}

std::string address(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

TEST_CASE("http_server: metrics and health are there for who asks, and nothing else is",
          "[monitor]") {
  Parts parts;
  const DaemonView view = parts.view();
  const std::uint16_t port = free_port();
  const HttpServer server{address(port), view};

  const std::string metrics = get(port, "/metrics");
  CHECK(metrics.starts_with("HTTP/1.1 200 "));
  CHECK(metrics.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n") !=
        std::string::npos);
  CHECK(metrics.find("\ncredgate_") != std::string::npos);

  CHECK(says(get(port, "/healthz"), "200", "healthy\n"));
  CHECK(says(get(port, "/readyz"), "503", "not connected to nats-server\n"));
  parts.connections.callout.set(true, "a", store::kNow);
  CHECK(says(get(port, "/readyz"), "200", "ready\n"));
  CHECK(says(get(port, "/readyz?verbose"), "200", "ready\n"));

  for (const char* path : {"/", "/metrics/", "/Metrics", "//healthz", "/healthz/../metrics"}) {
    CAPTURE(path);
    CHECK(says(get(port, path), "404", "not found; see /metrics, /healthz and /readyz\n"));
  }
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    CAPTURE(method);
    CHECK(says(ask(port, method, "/metrics"), "405", "only GET is allowed\n"));
  }
  CHECK(says(ask(port, "HEAD", "/healthz"), "200", ""));
}

TEST_CASE("http_server: a request is answered before its body has come", "[monitor]") {
  Parts parts;
  const DaemonView view = parts.view();
  const std::uint16_t port = free_port();
  const HttpServer server{address(port), view};
  const Client client{port};
  client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
  CHECK(says(client.answer(), "200", "healthy\n"));
}

TEST_CASE(
    "http_server: what is not a request, or too large a one, is refused, and the next is answered",
    "[monitor]") {
  Parts parts;
  const DaemonView view = parts.view();
  const std::uint16_t port = free_port();
  const HttpServer server{address(port), view};
  const std::string start = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
  const std::vector<std::string> bad = {
      "nonsense\r\n\r\n",
      start + "X-Large: " + std::string(64 << 10, 'x') + "\r\n\r\n",
      "GET /" + std::string(64 << 10, 'x') + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
  };
  for (const std::string& request : bad) {
    CAPTURE(request.substr(0, 60));
    const Client client{port};
    client.send(request);
    const std::string answer = client.answer();
    CHECK((answer.empty() || answer.starts_with("HTTP/1.1 4")));
    CHECK(says(get(port, "/healthz"), "200", "healthy\n"));
  }
}

TEST_CASE("http_server: where all places are taken, those without a request go", "[monitor]") {
  Parts parts;
  const DaemonView view = parts.view();
  const std::uint16_t port = free_port();
  const HttpServer server{address(port), view};
  std::vector<Client> idle;
  for (std::size_t i = 0; i < kConnections + 8; ++i) {
    idle.emplace_back(port);
    idle.back().send("GET /healthz HTTP/1.1\r\nX-Slow: ");
  }
  CHECK(says(get(port, "/healthz"), "200", "healthy\n"));
  // Those that held a place made room; those that came then need not.
  CHECK(idle.front().answer().empty());
  CHECK_FALSE(idle.back().readable(300ms));
}

TEST_CASE("http_server: a connection that sends a byte now and then ends all the same",
          "[monitor]") {
  Parts parts;
  const DaemonView view = parts.view();
  const std::uint16_t port = free_port();
  const HttpServer server{address(port), view};
  const Client slow{port};
  const auto began = std::chrono::steady_clock::now();
  slow.send("GET /healthz HTTP/1.1\r\nX-Slow: ");
  while (!slow.readable(200ms)) {
    REQUIRE(std::chrono::steady_clock::now() - began < kLimit);
    slow.send("x");
  }
  CHECK(std::chrono::steady_clock::now() - began > 4s);
}

TEST_CASE(
    "http_server: where the address is taken, that is logged once, and served once it is free",
    "[monitor]") {
  Parts parts;
  const DaemonView view = parts.view();
  TakenPort taken;
  made::Captured log{STDERR_FILENO};
  std::string said;
  {
    const HttpServer server{address(taken.port()), view};
    log.wait_for("event=metrics_not_served");
    taken.free();
    CHECK(says(get(taken.port(), "/healthz"), "200", "healthy\n"));
    log.wait_for("event=metrics_served");
    said = log.end();
  }
  const auto first = said.find("event=metrics_not_served listen=\"" + address(taken.port()) + "\"");
  CHECK(first != std::string::npos);
  CHECK(said.find("metrics_not_served", first + 10) == std::string::npos);
}
