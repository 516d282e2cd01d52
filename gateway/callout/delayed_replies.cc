#include "gateway/callout/delayed_replies.h"

#include <exception>
#include <utility>

#include "gateway/platform/log.h"

namespace gateway {

DelayedReplies::DelayedReplies(Count& unsent, Send send)
    : unsent_(unsent),
      send_(std::move(send)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void DelayedReplies::send_at(Clock::time_point due, ReplyTo to, std::string answer) {
  const auto waiting = waiting_.lock();
  if (waiting->size() >= kMaxWaiting) {
    ++unsent_;
    return;
  }
  waiting->emplace(due, Reply{std::move(to), std::move(answer)});
  changed_.notify_all();
}

void DelayedReplies::send_first(Waiting::Guard& waiting) {
  const Reply first = std::move(waiting->begin()->second);
  waiting->erase(waiting->begin());
  waiting.unlock();
  try {
    send_(first.to, first.answer);
  } catch (const std::exception& fault) {
    log(Level::error, "fault", {{"error", fault.what()}});
  }
  waiting.lock();
}

void DelayedReplies::run(const std::stop_token& stop) {
  auto waiting = waiting_.lock();
  while (!stop.stop_requested()) {
    if (waiting->empty()) {
      waiting.wait(changed_, stop, [&] { return !waiting->empty(); });
      continue;
    }
    const auto due = waiting->begin()->first;
    if (Clock::now() >= due) {
      send_first(waiting);
      continue;
    }
    waiting.wait_until(changed_, stop, due, [&] { return waiting->begin()->first < due; });
  }
}

void DelayedReplies::drain() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  auto waiting = waiting_.lock();
  while (!waiting->empty())
    send_first(waiting);
}

}  // namespace gateway
