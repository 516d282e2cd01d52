#include "gateway/sessions/shared_search.h"

#include <stop_token>

namespace gateway {

std::vector<ServerSessions> SharedSearch::find(const std::string& credential) {
  auto state = state_.lock();
  if (!state->next) state->next = std::make_shared<Round>();
  const std::shared_ptr<Round> mine = state->next;
  mine->credentials.insert(credential);
  state.wait(changed_, std::stop_token{}, [&] { return mine->done || !state->running; });
  // Of those who wait for a round, the first to see that none runs makes it.
  if (!mine->done) {
    state->running = true;
    state->next.reset();
    state.unlock();
    Found found;
    std::exception_ptr error;
    try {
      found = search_(mine->credentials);
    } catch (...) {
      error = std::current_exception();
    }
    state.lock();
    mine->found = std::move(found);
    mine->error = error;
    mine->done = true;
    state->running = false;
    changed_.notify_all();
  }
  if (mine->error) std::rethrow_exception(mine->error);
  return mine->found[credential];
}

}  // namespace gateway
