#include "gateway/monitor/http_server.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "gateway/monitor/health.h"
#include "gateway/monitor/metrics.h"
#include "gateway/platform/listen_address.h"
#include "gateway/platform/log.h"
#include "gateway/platform/pause.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

// Watchers are few, but whoever can connect may take places. Each costs a descriptor, of which the
// daemon needs some for NATS.
constexpr unsigned kConnections = 256;
constexpr auto kMaxAge = 5s;  // of a connection, however often it sends a byte
constexpr std::size_t kConnectionBytes = std::size_t{16} << 10;  // of one request's head
constexpr auto kHttpLook = 250ms;                                // for the stop
// Of a connection, for its request, where all places are taken; with its time in the listen queue
// of the kernel, where requests arrive already.
constexpr auto kMinAge = 250ms;
constexpr auto kListenAgain = 2s;

struct Freed {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
  void operator()(MHD_Daemon* daemon) const { MHD_stop_daemon(daemon); }
  void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};
using Daemon = std::unique_ptr<MHD_Daemon, Freed>;

struct Answer {
  unsigned status = MHD_HTTP_OK;
  std::string text;
  const char* type = "text/plain; charset=utf-8";
};

Answer health(const char* good, const std::optional<std::string>& problem) {
  return {.status = problem ? static_cast<unsigned>(MHD_HTTP_SERVICE_UNAVAILABLE)
                            : static_cast<unsigned>(MHD_HTTP_OK),
          .text = problem.value_or(good) + "\n"};
}

Answer answer_to(std::string_view method, std::string_view path, const DaemonView& view) {
  if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD) {
    return {.status = MHD_HTTP_METHOD_NOT_ALLOWED, .text = "only GET is allowed\n"};
  }
  if (path == "/metrics") {
    return {.text = write_metrics(view), .type = "text/plain; version=0.0.4; charset=utf-8"};
  }
  if (path == "/healthz") return health("healthy", stalled_worker(view));
  if (path == "/readyz") return health("ready", why_not_ready(view));
  return {.status = MHD_HTTP_NOT_FOUND, .text = "not found; see /metrics, /healthz and /readyz\n"};
}

MHD_Result send_answer(MHD_Connection* connection, Answer answer) {
  const std::unique_ptr<MHD_Response, Freed> response{MHD_create_response_from_buffer(
      answer.text.size(), answer.text.data(), MHD_RESPMEM_MUST_COPY)};
  if (!response) return MHD_NO;
  MHD_add_response_header(response.get(), MHD_HTTP_HEADER_CONTENT_TYPE, answer.type);
  // A connection that is kept open is one that others may be short of.
  MHD_add_response_header(response.get(), MHD_HTTP_HEADER_CONNECTION, "close");
  return MHD_queue_response(connection, answer.status, response.get());
}

// Of libmicrohttpd, but on this object's thread. Answered once the head is read: a body is never
// waited for.
// NOLINTNEXTLINE(readability-function-size): libmicrohttpd says what its parameters are.
MHD_Result handle(void* closure, MHD_Connection* connection, const char* path, const char* method,
                  const char* /*version*/, const char* /*body*/, std::size_t* /*body_size*/,
                  void** /*request*/) {
  try {
    return send_answer(connection,
                       answer_to(method, path, *static_cast<const DaemonView*>(closure)));
  } catch (const std::exception& fault) {
    log(Level::error, "fault", {{"error", fault.what()}});
    return MHD_NO;
  }
}

// How many wait in the listen queue. Source: Linux `net/ipv4/tcp.c` (tcp_get_info, of a listener).
unsigned waiting_at(MHD_Daemon* daemon) {
  const auto* listener = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_LISTEN_FD);
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(listener->listen_fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  return info.tcpi_unacked;
}

// The connections that are open, so that those who say little and stay do not keep others out: each
// ends at kMaxAge, and sooner where all places are taken; until then libmicrohttpd accepts no
// other. The more wait in the listen queue, the longer each has been there, and the less time it
// has here: a queue of 4096, the longest that Linux has by default, is through in 0.7 s.
// libmicrohttpd has no call that closes a connection; it closes one whose socket was shut down. The
// kernel still sends what it has taken of an answer, which is all of it unless the client does not
// read. libmicrohttpd tells of the end before it closes the descriptor, so none of these is
// another's by then. Not thread-safe.
class Connections {
 public:
  using Clock = std::chrono::steady_clock;

  void opened(MHD_Connection* connection) {
    const auto* socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    open_.push_back({connection, socket->connect_fd, Clock::now()});
  }
  void closed(const MHD_Connection* connection) {
    std::erase_if(open_, [&](const Open& one) { return one.connection == connection; });
  }
  // In the listen queue.
  void set_waiting(unsigned count) { waiting_ = count; }
  // `now`: before libmicrohttpd last looked, so that it has answered what had come by then, however
  // long this thread has had to wait for a processor since.
  void end_old(Clock::time_point now) {
    for (Open& one : open_) {
      if (!one.ended && now - one.since >= max_age()) end(one);
    }
  }
  // How long end_old() has nothing to do, if nothing is opened or closed.
  std::chrono::milliseconds until_old() const {
    const auto one = std::ranges::find(open_, false, &Open::ended);
    if (one == open_.end()) return kHttpLook;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(one->since + max_age() - Clock::now());
    return std::clamp<std::chrono::milliseconds>(left, 0ms, kHttpLook);
  }

 private:
  Clock::duration max_age() const {
    if (open_.size() < kConnections) return kMaxAge;
    return kMinAge * kConnections / (kConnections + waiting_);
  }
  struct Open {
    const MHD_Connection* connection = nullptr;
    int fd = -1;
    Clock::time_point since;
    bool ended = false;
  };
  static void end(Open& one) {
    one.ended = true;
    shutdown(one.fd, SHUT_RDWR);
  }
  std::vector<Open> open_;  // the oldest first
  unsigned waiting_ = 0;
};

// Of libmicrohttpd, on this object's thread.
void notice(void* closure, MHD_Connection* connection, void** /*context*/,
            MHD_ConnectionNotificationCode what) {
  auto& connections = *static_cast<Connections*>(closure);
  if (what == MHD_CONNECTION_NOTIFY_STARTED) connections.opened(connection);
  if (what == MHD_CONNECTION_NOTIFY_CLOSED) connections.closed(connection);
}

Daemon listen_on(const ListenAddress& at, const DaemonView& view, Connections& connections) {
  const addrinfo hints{.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                       .ai_family = AF_UNSPEC,
                       .ai_socktype = SOCK_STREAM,
                       .ai_protocol = 0,
                       .ai_addrlen = 0,
                       .ai_addr = nullptr,
                       .ai_canonname = nullptr,
                       .ai_next = nullptr};
  addrinfo* raw = nullptr;
  if (getaddrinfo(at.address.c_str(), std::to_string(at.port).c_str(), &hints, &raw) != 0) {
    return nullptr;
  }
  const std::unique_ptr<addrinfo, Freed> list{raw};
  unsigned flags = MHD_USE_EPOLL;
  if (list->ai_family == AF_INET6) flags |= MHD_USE_IPv6;
  auto* closure = const_cast<DaemonView*>(&view);  // NOLINT: a C closure; nothing writes through it
  return Daemon{
      MHD_start_daemon(flags, static_cast<std::uint16_t>(at.port), nullptr, nullptr, handle,
                       closure, MHD_OPTION_SOCK_ADDR, list->ai_addr, MHD_OPTION_CONNECTION_LIMIT,
                       kConnections, MHD_OPTION_NOTIFY_CONNECTION, notice, &connections,
                       MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes, MHD_OPTION_END)};
}

}  // namespace

HttpServer::HttpServer(std::string listen, const DaemonView& view)
    : listen_(std::move(listen)),
      view_(view),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void HttpServer::run(const std::stop_token& stop) const {
  const ListenAddress at = read_listen_address(listen_);
  Pause pause;
  bool told = false;
  while (!stop.stop_requested()) {
    Connections connections;
    if (const Daemon daemon = listen_on(at, view_, connections)) {
      log(Level::info, "metrics_served", {{"listen", listen_}});
      told = false;
      while (!stop.stop_requested()) {
        const auto now = Connections::Clock::now();
        connections.set_waiting(waiting_at(daemon.get()));
        const auto wait = static_cast<std::int32_t>(connections.until_old().count());
        if (MHD_run_wait(daemon.get(), wait) != MHD_YES) break;
        connections.end_old(now);
      }
    } else if (!std::exchange(told, true)) {
      log(Level::error, "metrics_not_served",
          {{"listen", listen_},
           {"error", "the address is in use, or does not belong to this machine"}});
    }
    pause.wait(stop, kListenAgain);
  }
}

}  // namespace gateway
