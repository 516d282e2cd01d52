#include "gateway/monitor/control_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "auth/base/json.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

constexpr int kBacklog = 8;
constexpr int kPollMilliseconds = 250;  // ms; how soon it notices that it should stop
constexpr std::size_t kMaxQuestion = 4096;
constexpr std::size_t kMaxAnswer = std::size_t{1} << 20;

[[noreturn]] void fail(const std::filesystem::path& socket, const std::string& what) {
  throw std::runtime_error(socket.string() + ": " + what);
}

sockaddr_un address_of(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& path = socket.native();
  if (path.size() >= sizeof address.sun_path) {
    fail(socket,
         "is longer than 107 bytes, the limit of a Unix socket's path; set a shorter `run_dir`");
  }
  std::ranges::copy(path, address.sun_path);
  return address;
}

// Nobody keeps a thread of ours waiting.
void limit_waiting(int fd, std::chrono::milliseconds patience) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
  const timeval timeout{.tv_sec = seconds.count(),
                        .tv_usec = std::chrono::microseconds{patience - seconds}.count()};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
}

Fd connect_to(const std::filesystem::path& socket, std::chrono::milliseconds patience) {
  const sockaddr_un address = address_of(socket);
  Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!fd) fail(socket, std::strerror(errno));
  limit_waiting(fd.get(), patience);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EACCES) throw NotPermitted(socket.string() + ": " + std::strerror(errno));
    fail(socket, std::strerror(errno));
  }
  return fd;
}

// Up to the newline; empty where it does not come, or is too long.
std::string read_line(int fd, std::size_t most) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() <= most) {
    const ssize_t n = recv(fd, buffer.data(), buffer.size(), 0);
    if (n <= 0) return "";
    text.append(buffer.data(), static_cast<std::size_t>(n));
    if (const auto end = text.find('\n'); end != std::string::npos) return text.substr(0, end);
  }
  return "";
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool is_trusted(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid();
}

std::string reply_to(const std::string& line, const ControlSocket::Answer& answer) {
  const auto question = auth::read_json_object(line);
  nlohmann::ordered_json reply;
  try {
    reply = answer(question.value_or(nlohmann::json::object()));
  } catch (const std::exception& fault) {
    reply = {{"error", fault.what()}};
  }
  return auth::write_line(reply) + "\n";
}

// Whether a socket may be replaced: there is none, or nobody listens on it any more.
bool is_free(const sockaddr_un& address) {
  const Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return false;
  }
  return errno == ECONNREFUSED || errno == ENOENT;
}

ino_t inode_of(const std::filesystem::path& path) {
  struct stat is{};
  return lstat(path.c_str(), &is) == 0 ? is.st_ino : 0;
}

}  // namespace

std::filesystem::path control_socket(const std::filesystem::path& run_dir,
                                     const std::string& instance) {
  return run_dir / (instance + ".sock");
}

ControlSocket::ControlSocket(const std::filesystem::path& socket, Answer answer)
    : socket_(socket), answer_(std::move(answer)) {
  const sockaddr_un address = address_of(socket);
  if (!is_free(address)) {
    fail(socket, "another daemon with this instance name is running; use another --instance");
  }
  std::error_code none;
  std::filesystem::remove(socket, none);
  Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!fd) fail(socket, std::strerror(errno));
  // Linux gives the path this mode when it is bound: at no time may anybody else connect.
  if (fchmod(fd.get(), S_IRUSR | S_IWUSR) != 0 ||
      bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd.get(), kBacklog) != 0) {
    fail(socket, std::string(std::strerror(errno)) +
                     "; the directory (`run_dir`) must exist and belong to this user");
  }
  inode_ = inode_of(socket);
  fd_ = std::move(fd);
  thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

ControlSocket::~ControlSocket() {
  thread_.request_stop();
  thread_.join();
  // Another daemon may have taken the place over.
  std::error_code none;
  if (inode_of(socket_) == inode_) std::filesystem::remove(socket_, none);
}

void ControlSocket::run(const std::stop_token& stop) const {
  while (!stop.stop_requested()) {
    pollfd one{fd_.get(), POLLIN, 0};
    if (poll(&one, 1, kPollMilliseconds) <= 0) continue;
    const Fd peer{accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!peer) {
      // Without a descriptor it stays in the queue, and poll() would tell of it again at once.
      std::this_thread::sleep_for(std::chrono::milliseconds{kPollMilliseconds});
      continue;
    }
    if (!is_trusted(peer.get())) {
      log(Level::warning, "control_refused", {});
      continue;
    }
    limit_waiting(peer.get(), kControlPatience);
    const std::string line = read_line(peer.get(), kMaxQuestion);
    if (!line.empty()) static_cast<void>(write_all(peer.get(), reply_to(line, answer_)));
  }
}

nlohmann::json ask_control(const std::filesystem::path& socket, const nlohmann::json& question,
                           std::chrono::milliseconds patience) {
  const Fd fd = connect_to(socket, patience);
  if (!is_trusted(fd.get())) fail(socket, "belongs to another user's program");
  if (!write_all(fd.get(), question.dump() + "\n")) {
    fail(socket, std::strerror(errno));
  }
  auto answer = auth::read_json_object(read_line(fd.get(), kMaxAnswer));
  if (!answer) fail(socket, "no answer; the daemon is stuck or stopping");
  if (answer->contains("error")) fail(socket, auth::string_at(*answer, "error"));
  return std::move(*answer);
}

}  // namespace gateway
