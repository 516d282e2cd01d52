#include "gateway/callout/request_filter.h"

#include "auth/nats/peek_request.h"
#include "auth/nats/xkey.h"

namespace gateway {
void RequestFilter::add_link(const std::string& server_id, Clock::time_point now) {
  known_.lock()->links.insert_or_assign(server_id,
                                        Link{.joined_at = now + kJoining, .replies = {}});
}

bool RequestFilter::may_answer(const Known& known, std::string_view server_id,
                               const RequestPath& path, Clock::time_point now) {
  if (path.group() == Group::server) return server_id == path.server_id();
  const auto link = known.links.find(server_id);
  return link == known.links.end() || now < link->second.joined_at;
}

bool RequestFilter::drops(std::string_view data, std::string_view server_xkey,
                          const RequestPath& path, Clock::time_point now) const {
  const bool sealed = data.starts_with(auth::kSealPrefix);
  const std::string peeked = sealed ? "" : auth::peek_server_id(data);
  const auto known = known_.lock();
  if (!sealed) return !peeked.empty() && !may_answer(*known, peeked, path, now);
  const auto server = known->xkeys.find(server_xkey);
  return server != known->xkeys.end() && !may_answer(*known, server->second, path, now);
}

bool RequestFilter::answers(std::string_view server_id, std::string_view reply,
                            const RequestPath& path, Clock::time_point now) {
  const auto known = known_.lock();
  if (!may_answer(*known, server_id, path, now)) return false;
  const auto link = known->links.find(server_id);
  if (link == known->links.end()) return true;
  auto& [joined_at, replies] = link->second;
  if (now < joined_at) return replies.emplace(reply).second;
  // What was answered by the shared group's copy may have its own still in the queue.
  if (now < joined_at + kJoining) return !replies.contains(reply);
  replies.clear();
  return true;
}

void RequestFilter::learn(std::string_view server_xkey, const std::string& server_id) {
  const auto known = known_.lock();
  if (known->xkeys.contains(server_xkey)) return;
  if (known->xkeys.size() >= kMaxXkeys) known->xkeys.clear();  // those in use come back at once
  known->xkeys.emplace(server_xkey, server_id);
}

}  // namespace gateway
