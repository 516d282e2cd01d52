#include "gateway/callout/password_queue.h"

#include <algorithm>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

namespace gateway {
namespace {

// A flood of passwords may take the time that is left over, and no more: on a machine with as many
// cores as the queue has threads, keys would wait for them otherwise.
void lower_priority() {
  constexpr int kNice = 10;
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice));
}

}  // namespace

PasswordQueue::PasswordQueue(const PasswordConfig& config, Counters& counters,
                             StallDetector& stalls, MakeHandle make_handle)
    : counters_(counters),
      stalls_(stalls),
      make_handle_(std::move(make_handle)),
      waiting_({.halves = {{WaitingLogins{(config.queue + 1) / 2},
                            WaitingLogins{(config.queue + 1) / 2}}}}) {
  for (unsigned i = 0; i < config.threads; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

PasswordQueue::~PasswordQueue() {
  drop();
  drain();
}

void PasswordQueue::drop() {
  const auto waiting = waiting_.lock();
  for (auto& half : waiting->halves)
    half.clear();
  count(*waiting);
}

void PasswordQueue::count(const Waiting& waiting) {
  auto oldest = StallDetector::Clock::time_point::max();
  for (const WaitingLogins& half : waiting.halves) {
    if (half.size() > 0) oldest = std::min(oldest, half.oldest());
  }
  counters_.passwords_waiting = static_cast<std::int64_t>(waiting.size());
  counters_.oldest_password =
      waiting.size() == 0 ? StallDetector::Clock::duration::zero() : oldest.time_since_epoch();
}

std::optional<RequestTask> PasswordQueue::push(RequestTask task, bool known) {
  const auto waiting = waiting_.lock();
  auto displaced = waiting->halves.at(known ? 1 : 0).push(std::move(task));
  changed_.notify_one();
  count(*waiting);
  return displaced;
}

RequestTask PasswordQueue::Waiting::next() {
  turn = 1 - turn;
  if (halves.at(turn).size() == 0) turn = 1 - turn;
  return halves.at(turn).pop();
}

void PasswordQueue::run(const std::stop_token& stop) {
  lower_priority();
  const Handle handle = make_handle_();
  StallDetector::Thread thread{stalls_};
  auto waiting = waiting_.lock();
  // Once it is stopped, it goes on until nothing waits.
  while (waiting.wait(changed_, stop, [&] { return waiting->size() > 0; })) {
    RequestTask task = waiting->next();
    count(*waiting);
    waiting.unlock();
    {
      const BusyScope busy{thread};
      handle(std::move(task));
    }
    waiting.lock();
  }
}

void PasswordQueue::drain() {
  for (std::jthread& thread : threads_)
    thread.request_stop();
  threads_.clear();
}

}  // namespace gateway
