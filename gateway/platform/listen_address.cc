#include "gateway/platform/listen_address.h"

#include <charconv>
#include <system_error>

namespace gateway {

ListenAddress read_listen_address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return {};
  ListenAddress listen{.address = text.substr(0, colon), .port = 0};
  const bool bracketed = listen.address.starts_with('[') && listen.address.ends_with(']');
  if (bracketed) listen.address = listen.address.substr(1, listen.address.size() - 2);
  if (listen.address.empty() || (!bracketed && listen.address.find(':') != std::string::npos)) {
    return {};
  }
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, listen.port);
  constexpr int kMaxPort = 65535;
  const bool good = read.ec == std::errc{} && read.ptr == end && listen.port <= kMaxPort;
  return good && listen.port > 0 ? listen : ListenAddress{};
}

}  // namespace gateway
