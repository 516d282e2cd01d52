#include "gateway/callout/request_filter.h"

#include "auth/nats/peek_request.h"
#include "auth/nats/xkey.h"

namespace gateway {
namespace {

template <class Linked>
bool answered(const Linked& linked, std::string_view server_id, const RequestPath& path) {
  if (path.group() == Group::server) return server_id == path.server_id();
  return !linked.contains(server_id);
}

}  // namespace

bool RequestFilter::drops(std::string_view data, std::string_view server_xkey,
                          const RequestPath& path) const {
  if (!data.starts_with(auth::kSealPrefix)) {
    const std::string server_id = auth::peek_server_id(data);
    return !server_id.empty() && !answers(server_id, path);
  }
  const auto known = known_.lock();
  const auto server = known->xkeys.find(server_xkey);
  return server != known->xkeys.end() && !answered(known->linked, server->second, path);
}

bool RequestFilter::answers(std::string_view server_id, const RequestPath& path) const {
  return answered(known_.lock()->linked, server_id, path);
}

void RequestFilter::learn(std::string_view server_xkey, const std::string& server_id) {
  const auto known = known_.lock();
  if (known->xkeys.contains(server_xkey)) return;
  if (known->xkeys.size() >= kMaxXkeys) known->xkeys.clear();  // those in use come back at once
  known->xkeys.emplace(server_xkey, server_id);
}

}  // namespace gateway
