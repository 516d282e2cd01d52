#include "gateway/callout/delayed_replies.h"

#include <exception>
#include <utility>

#include "gateway/platform/log.h"

namespace gateway {

DelayedReplies::DelayedReplies(Count& unsent, Send send)
    : unsent_(unsent),
      send_(std::move(send)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void DelayedReplies::send_at(Clock::time_point due, std::string subject, std::string answer) {
  const std::lock_guard lock{mutex_};
  if (waiting_.size() >= kMost) {
    ++unsent_;
    return;
  }
  waiting_.emplace(due, Waiting{std::move(subject), std::move(answer)});
  changed_.notify_all();
}

void DelayedReplies::send_first(std::unique_lock<std::mutex>& lock) {
  const Waiting first = std::move(waiting_.begin()->second);
  waiting_.erase(waiting_.begin());
  lock.unlock();
  try {
    send_(first.subject, first.answer);
  } catch (const std::exception& fault) {
    log(Level::error, "fault", {{"error", fault.what()}});
  }
  lock.lock();
}

void DelayedReplies::run(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested()) {
    if (waiting_.empty()) {
      changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
      continue;
    }
    const auto due = waiting_.begin()->first;
    const auto earlier = [&] { return waiting_.begin()->first < due; };
    if (Clock::now() < due) {
      changed_.wait_until(lock, stop, due, earlier);
    } else {
      send_first(lock);
    }
  }
}

void DelayedReplies::drain() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  std::unique_lock lock{mutex_};
  while (!waiting_.empty())
    send_first(lock);
}

}  // namespace gateway
