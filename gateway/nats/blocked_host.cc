#include "gateway/nats/blocked_host.h"

#include <cerrno>
#include <memory>

#include <netdb.h>
#include <sys/socket.h>

#include "gateway/platform/fd.h"
#include "gateway/platform/listen_address.h"

namespace gateway {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses addresses_of(const ListenAddress& server, Names names) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV | (names == Names::leave ? AI_NUMERICHOST : 0);
  addrinfo* list = nullptr;
  const std::string port = std::to_string(server.port);
  if (getaddrinfo(server.address.c_str(), port.c_str(), &hints, &list) != 0) return nullptr;
  return Addresses{list};
}

// EPERM: a packet filter drops it. EACCES: it, or a route, prohibits it.
bool blocked(const addrinfo& address) {
  const Fd fd{socket(address.ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd) return false;
  if (connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0 &&
      send(fd.get(), "", 0, MSG_NOSIGNAL) == 0) {
    return false;
  }
  return errno == EPERM || errno == EACCES;
}

}  // namespace

std::optional<std::string> blocked_host(const std::vector<std::string>& urls, Names names) {
  for (const std::string& url : urls) {
    const ListenAddress server = read_listen_address(url.substr(url.find("://") + 3));
    if (server.port == 0) continue;
    const Addresses list = addresses_of(server, names);
    for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
      if (blocked(*at)) return server.address;
    }
  }
  return std::nullopt;
}

}  // namespace gateway
