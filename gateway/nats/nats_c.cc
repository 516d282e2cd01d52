#include "gateway/nats/nats_c.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace gateway {
namespace {

constexpr std::size_t kMaxReason = 400;  // bytes; it may be the server's

}  // namespace

std::string reason_of(natsStatus status) {
  const std::string_view text = natsStatus_GetText(status);
  natsStatus last = NATS_OK;
  const char* noted = nats_GetLastError(&last);
  std::string detail = noted != nullptr && last == status ? noted : "";
  detail.resize(std::min(detail.size(), kMaxReason));
  std::ranges::replace_if(detail, [](char c) { return c < ' ' || c > '~'; }, '?');
  if (detail.empty() || text.find(detail) != text.npos) return std::string(text);
  return std::string(text) + " (" + detail + ")";
}

bool refused_login(natsStatus status, std::string_view reason) {
  return status == NATS_CONNECTION_AUTH_FAILED ||
         reason.find("uthorization Violation") != reason.npos;
}

void check(natsStatus status, std::string_view step) {
  if (status == NATS_OK) return;
  const std::string reason = reason_of(status);
  if (status == NATS_NO_RESPONDERS) throw NoResponders(step, reason);
  throw NatsError(step, reason);
}

bool set_handshake_first(natsOptions* options) {
#if NATS_VERSION_NUMBER >= 0x030900
  check(natsOptions_TLSHandshakeFirst(options), "TLS first");
  return true;
#else
  static_cast<void>(options);
  return false;
#endif
}

bool lost_with_connection(natsStatus status) {
  return status == NATS_IO_ERROR || status == NATS_CONNECTION_CLOSED ||
         status == NATS_CONNECTION_DISCONNECTED || status == NATS_ERR || status == NATS_NO_SERVER;
}

}  // namespace gateway
