#include "gateway/admin/request_queue.h"

#include <exception>
#include <utility>

#include "gateway/platform/log.h"

namespace gateway {

RequestQueue::RequestQueue(const Limits& limits, Handle handle)
    : limits_(limits), handle_(std::move(handle)) {
  for (unsigned i = 0; i < limits.threads; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

RequestQueue::~RequestQueue() {
  {
    auto state = state_.lock();
    state->turns.clear();
    for (auto& [name, caller] : state->callers)
      caller.waiting.clear();
  }
  drain();
}

bool RequestQueue::has_place(const std::string& actor) const {
  const auto state = state_.lock();
  const auto caller = state->callers.find(actor);
  return caller == state->callers.end() || caller->second.waiting.size() < limits_.max_waiting;
}

bool RequestQueue::push(QueuedRequest&& request) {
  const std::string name = request.actor;
  auto state = state_.lock();
  Caller& caller = state->callers[name];
  if (caller.waiting.size() >= limits_.max_waiting) return false;
  caller.waiting.push_back(std::move(request));
  if (caller.busy || caller.waiting.size() > 1) return true;  // it has its turn already
  state->turns.push_back(name);
  changed_.notify_one();
  return true;
}

void RequestQueue::set_end(Clock::time_point end) {
  state_.lock()->end = end;
}

void RequestQueue::drain() {
  for (std::jthread& thread : threads_)
    thread.request_stop();
  threads_.clear();
}

// After a stop, the threads run until nothing waits.
void RequestQueue::work(const std::stop_token& stop) {
  auto state = state_.lock();
  while (state.wait(changed_, stop, [&] { return !state->turns.empty(); }))
    handle_one(state);
}

void RequestQueue::handle_one(Locked<State>::Guard& state) {
  const std::string name = std::move(state->turns.front());
  state->turns.pop_front();
  Caller& caller = state->callers.at(name);  // its place in the map does not move
  const QueuedRequest request = std::move(caller.waiting.front());
  caller.waiting.pop_front();
  caller.busy = true;
  const auto now = Clock::now();
  const bool too_late = now - request.arrived > limits_.patience || now > state->end;
  state.unlock();
  try {
    handle_(request, too_late);
  } catch (const std::exception& fault) {
    log(Level::error, "fault", {{"error", fault.what()}});
  }
  state.lock();
  caller.busy = false;
  if (caller.waiting.empty()) {
    state->callers.erase(name);
    return;
  }
  state->turns.push_back(name);
  changed_.notify_one();
}

}  // namespace gateway
