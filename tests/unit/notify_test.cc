#include "gateway/notify.h"

#include <array>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/catch.h"
#include "tests/unit/temp_dir.h"

using gateway::Notify;

namespace {

// As systemd listens.
class Listener {
 public:
  explicit Listener(const std::string& name) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    name.copy(at.sun_path, sizeof at.sun_path);
    if (name.front() == '@') at.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(bind(fd_, reinterpret_cast<const sockaddr*>(&at), size) == 0);
  }
  ~Listener() { close(fd_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::string next() const {
    std::array<char, 1024> bytes{};
    const auto n = recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    return n < 0 ? "nothing" : std::string(bytes.data(), static_cast<std::size_t>(n));
  }

 private:
  int fd_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

void check_told(const Listener& listener, const std::string& name) {
  Notify notify{name.c_str()};
  notify.ready();
  CHECK(listener.next() == "READY=1");
  notify.status("two\nlines");
  CHECK(listener.next() == "STATUS=two lines");
  notify.status("two\nlines");
  CHECK(listener.next() == "nothing");
  notify.reloading();
  CHECK(listener.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  notify.stopping();
  CHECK(listener.next() == "STOPPING=1");
}

}  // namespace

TEST_CASE("systemd is told over a socket with a path, and over an abstract one") {
  const TempDir dir;
  const std::string path = dir.path() / "notify";
  check_told(Listener{path}, path);
  const std::string abstract = "@credgate-notify-" + std::to_string(getpid());
  check_told(Listener{abstract}, abstract);
}

TEST_CASE("nobody is told where nobody listens") {
  const std::string long_name = "/" + std::string(200, 'x');
  for (const char* name :
       {static_cast<const char*>(nullptr), "", "vsock:2:1", "/nowhere/at/all", long_name.c_str()}) {
    Notify notify{name};
    CHECK_NOTHROW(notify.ready());
    CHECK_NOTHROW(notify.status("x"));
  }
}
