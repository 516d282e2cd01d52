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
    : max_half_((config.queue + 1) / 2),
      counters_(counters),
      stalls_(stalls),
      make_handle_(std::move(make_handle)) {
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
  std::size_t number = 0;
  auto oldest = StallDetector::Clock::time_point::max();
  for (const auto& half : waiting.halves) {
    number += half.size();
    if (!half.empty()) oldest = std::min(oldest, half.front().arrived);
  }
  counters_.passwords_waiting = static_cast<std::int64_t>(number);
  counters_.oldest_password =
      number == 0 ? StallDetector::Clock::duration::zero() : oldest.time_since_epoch();
}

std::optional<RequestTask> PasswordQueue::push(RequestTask task, bool known) {
  std::optional<RequestTask> oldest;
  const auto waiting = waiting_.lock();
  auto& half = waiting->halves.at(known ? 1 : 0);
  half.push_back(std::move(task));
  changed_.notify_one();
  if (half.size() > max_half_) {
    oldest = std::move(half.front());
    half.pop_front();
  }
  count(*waiting);
  return oldest;
}

RequestTask PasswordQueue::Waiting::next() {
  turn = 1 - turn;
  if (halves.at(turn).empty()) turn = 1 - turn;
  auto& half = halves.at(turn);
  // One that is too late costs no hash, and must not keep the queue from its order.
  const RequestTask& oldest = half.front();
  const bool congested = !oldest.late() && oldest.waited() * 3 > oldest.timeout();
  RequestTask task = std::move(congested ? half.back() : half.front());
  if (congested) {
    half.pop_back();
  } else {
    half.pop_front();
  }
  return task;
}

void PasswordQueue::run(const std::stop_token& stop) {
  lower_priority();
  const Handle handle = make_handle_();
  StallDetector::Thread thread{stalls_};
  auto waiting = waiting_.lock();
  // Once it is stopped, it goes on until nothing waits.
  while (waiting.wait(changed_, stop, [&] { return waiting->any(); })) {
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
