#include "gateway/doctor/live_server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include "auth/base/json.h"
#include "auth/base/secret.h"
#include "gateway/admin/operation_error.h"
#include "gateway/nats/nats_c.h"
#include "gateway/platform/fd.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kGreetingPatience = 3s;
// Longer than the server waits for an answer to its callout, in all that is sensible.
constexpr auto kLoginPatience = 7s;
constexpr int kTries = 3;
constexpr std::size_t kMaxInfoBytes = 64 << 10;  // an INFO with the urls of a large cluster

// A connection without a client library: what no library would send can be sent.
class PlainSocket {
 public:
  PlainSocket(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int status = getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
    if (status != 0) throw OperationError(Code::fault, gai_strerror(status));
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses{list, freeaddrinfo};
    for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
      if (open_to(*at)) return;
    }
    throw OperationError(Code::fault, std::strerror(errno));
  }

  void send(std::string_view text) const {
    // Where it is not sent, no answer comes.
    static_cast<void>(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0);
  }
  // The next line, without its end; absent where the server closes or says nothing more.
  std::optional<std::string> line() {
    for (;;) {
      if (const auto end = got_.find("\r\n"); end != std::string::npos) {
        std::string text = got_.substr(0, end);
        got_.erase(0, end + 2);
        return text;
      }
      std::array<char, 4096> buffer{};
      if (got_.size() > kMaxInfoBytes || !ready(POLLIN)) return std::nullopt;
      const ssize_t size = recv(fd_.get(), buffer.data(), buffer.size(), 0);
      if (size <= 0) return std::nullopt;
      got_.append(buffer.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  bool open_to(const addrinfo& address) {
    fd_ = Fd{socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    address.ai_protocol)};
    if (!fd_) return false;
    if (connect(fd_.get(), address.ai_addr, address.ai_addrlen) == 0) return true;
    if (errno != EINPROGRESS) return false;
    if (!ready(POLLOUT)) {
      errno = ETIMEDOUT;
      return false;
    }
    int error = 0;
    socklen_t size = sizeof error;
    static_cast<void>(getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size));
    errno = error;
    return error == 0;
  }
  bool ready(short events) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now());
    pollfd waits{.fd = fd_.get(), .events = events, .revents = 0};
    return left.count() > 0 && poll(&waits, 1, static_cast<int>(left.count())) == 1;
  }

  Fd fd_;
  std::string got_;
  Clock::time_point end_ = Clock::now() + kGreetingPatience;
};

auth::Json read_greeting(PlainSocket& socket) {
  constexpr std::string_view kInfo = "INFO ";
  const auto line = socket.line();
  const auto json = line && line->starts_with(kInfo)
                        ? auth::read_json_object(std::string_view{*line}.substr(kInfo.size()))
                        : std::nullopt;
  if (!json) {
    throw OperationError(
        Code::fault,
        "sends no INFO: check that this is the client port, without TLS from the first byte");
  }
  return *json;
}

// "host" and "port".
std::optional<std::pair<std::string, std::string>> parts_of(std::string_view url) {
  const bool plain = url.starts_with("nats://");
  if (!plain && !url.starts_with("tls://")) return std::nullopt;
  url.remove_prefix(plain ? 7 : 6);
  // A password in it would be shown with it.
  if (url.empty() || url.find_first_of("@/?#, ") != url.npos) return std::nullopt;
  const bool bracketed = url.starts_with('[');
  if (bracketed) url.remove_prefix(1);
  const auto end = std::min(url.find(bracketed ? ']' : ':'), url.size());
  const std::string host{url.substr(0, end)};
  url.remove_prefix(std::min(end + (bracketed ? 1 : 0), url.size()));
  if (host.empty()) return std::nullopt;
  if (url.empty()) return std::pair{host, std::string("4222")};
  const std::string port{url.substr(1)};
  const bool digits = !port.empty() && port.find_first_not_of("0123456789") == port.npos;
  if (!url.starts_with(':') || !digits) return std::nullopt;
  return std::pair{host, port};
}

[[noreturn]] void fail_to_reach(const std::string& url, const std::string& why) {
  throw OperationError(Code::fault, "--live " + url + ": " + why);
}

}  // namespace

LiveServer::LiveServer(std::string url, const NatsConfig& tls) : url_(std::move(url)), tls_(tls) {
  const auto parts = parts_of(url_);
  if (!parts) {
    throw OperationError(Code::usage,
                         "--live: must be nats://host:port or tls://host:port, without a user");
  }
  std::tie(host_, port_) = *parts;
  try {
    PlainSocket socket{host_, port_};
    const auth::Json info = read_greeting(socket);
    const auto version = read_server_version(auth::string_at(info, "version"));
    if (!version) throw OperationError(Code::fault, "does not report its version");
    version_ = *version;
    secure_ = auth::member(info, "tls_required") == auth::Json(true) ||
              url_.starts_with("tls://") || !tls_.ca_file.empty() || !tls_.cert_file.empty();
  } catch (const OperationError& error) {
    fail_to_reach(url_, error.what());
  }
}

bool LiveServer::answers_ping() const {
  if (secure_) return false;
  PlainSocket socket{host_, port_};
  read_greeting(socket);
  socket.send("PING\r\n");
  // Newer servers send an INFO once the client is let in.
  for (auto line = socket.line(); line; line = socket.line()) {
    if (line->starts_with("PONG")) return true;
    if (line->starts_with("-ERR")) return false;
  }
  return false;
}

bool LiveServer::lets_in(const std::string& user, std::string_view password) const {
  const Options options = make_options();
  natsOptions* raw = options.get();
  check(natsOptions_SetURL(raw, url_.c_str()), "--live");
  check(natsOptions_SetName(raw, "credgate doctor"), "NATS name");
  check(natsOptions_SetAllowReconnect(raw, false), "NATS reconnect");
  check(natsOptions_SetTimeout(raw, std::chrono::milliseconds{kLoginPatience}.count()),
        "NATS timeout");
  set_tls(raw, tls_);
  if (secure_) check(natsOptions_SetSecure(raw, true), "TLS");
  if (!user.empty()) {
    std::string secret{password};
    const natsStatus set = natsOptions_SetUserInfo(raw, user.c_str(), secret.c_str());
    auth::wipe(secret.data(), secret.size());
    check(set, "user");
  }
  natsStatus status = NATS_ERR;
  for (int tries = 0; tries < kTries && lost_with_connection(status); ++tries) {
    natsConnection* connection = nullptr;
    status = natsConnection_Connect(&connection, raw);
    const Connection ended{connection};
  }
  if (status == NATS_OK) return true;
  if (status == NATS_CONNECTION_AUTH_FAILED || status == NATS_TIMEOUT) return false;
  if (!lost_with_connection(status)) check(status, "--live " + url_);
  // Closed without a word, by a server that is still there.
  try {
    PlainSocket socket{host_, port_};
    read_greeting(socket);
  } catch (const OperationError& error) {
    fail_to_reach(url_, error.what());
  }
  return false;
}

}  // namespace gateway
