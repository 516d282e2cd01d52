#include "gateway/platform/sd_notify.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>

namespace gateway {

SdNotify::SdNotify(const char* socket) {
  if (socket == nullptr || (*socket != '/' && *socket != '@')) return;
  address_ = socket;
  if (address_.size() >= sizeof(sockaddr_un::sun_path)) return;
  if (address_.front() == '@') address_.front() = '\0';
  fd_ = Fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
}

void SdNotify::send(const std::string& text) const {
  if (!fd_) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::ranges::copy(address_, to.sun_path);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  static_cast<void>(sendto(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                           reinterpret_cast<const sockaddr*>(&to), size));
}

void SdNotify::ready() {
  send("READY=1");
}

void SdNotify::reloading() {
  // systemd tells by it whether READY came before or after.
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  send("RELOADING=1\nMONOTONIC_USEC=" +
       std::to_string(std::chrono::floor<std::chrono::microseconds>(now).count()));
}

void SdNotify::alive() const {
  send("WATCHDOG=1");
}

void SdNotify::stopping() {
  send("STOPPING=1");
}

void SdNotify::status(std::string_view text) {
  if (text == status_) return;
  status_ = text;
  std::string line = "STATUS=" + status_;
  std::ranges::replace(line, '\n', ' ');
  send(line);
}

}  // namespace gateway
