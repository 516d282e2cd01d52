#include "gateway/sessions/closing.h"

#include <algorithm>

namespace gateway {

Closing::Is Closing::get(TimePoint now) const {
  const auto state = state_.lock();
  Is is{.done = state->parts == 0, .closed = state->closed.size()};
  if (is.done) {
    is.settled = true;
    return is;
  }
  std::size_t given_up = 0;
  is.open = state->open.size();
  for (const auto& [id, server] : state->silent) {
    if (server.given_up) ++given_up;
    is.silent.push_back(
        {.name = server.name.empty() ? id : server.name,
         .silent_for = std::chrono::floor<std::chrono::seconds>(now - server.since),
         .sessions = static_cast<std::uint64_t>(std::ranges::count(state->open, id, &Key::first))});
    is.open -= is.silent.back().sessions;
  }
  std::ranges::sort(is.silent, {}, &SilentServer::name);
  is.settled = state->parts == given_up;
  return is;
}

void Closing::server_gone(const std::string& server_id) {
  const auto state = state_.lock();
  state->silent.erase(server_id);
  std::erase_if(state->open, [&](const Key& key) { return key.first == server_id; });
}

}  // namespace gateway
