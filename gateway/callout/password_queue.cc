#include "gateway/callout/password_queue.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

#include "gateway/platform/log.h"

namespace gateway {
namespace {

// A flood of passwords may take the time that is left over, and no more: on a machine with as many
// cores as the lane has threads, keys would wait for them else.
void lower_priority() {
  constexpr int kNice = 10;
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice));
}

}  // namespace

PasswordQueue::PasswordQueue(const PasswordConfig& config, Counters& counters,
                             StallDetector& stalls, Throttle& throttle, MakeResponder make,
                             Decider::Reply reply)
    : most_((config.queue + 1) / 2),
      counters_(counters),
      stalls_(stalls),
      throttle_(throttle),
      make_(std::move(make)),
      reply_(std::move(reply)) {
  for (unsigned i = 0; i < config.threads; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

PasswordQueue::~PasswordQueue() {
  drop();
  drain();
}

void PasswordQueue::drop() {
  const std::lock_guard lock{mutex_};
  for (Half& half : halves_)
    half.clear();
  count();
}

bool PasswordQueue::waits() const {
  return std::ranges::any_of(halves_, [](const Half& half) { return !half.empty(); });
}

void PasswordQueue::count() {
  std::size_t waiting = 0;
  auto oldest = StallDetector::Clock::time_point::max();
  for (const Half& half : halves_) {
    waiting += half.size();
    if (!half.empty()) oldest = std::min(oldest, half.front().arrived);
  }
  counters_.passwords_waiting = static_cast<std::int64_t>(waiting);
  counters_.oldest_password =
      waiting == 0 ? StallDetector::Clock::duration::zero() : oldest.time_since_epoch();
}

std::optional<RequestTask> PasswordQueue::take(RequestTask task, Throttle::Standing standing) {
  std::optional<RequestTask> oldest;
  const std::lock_guard lock{mutex_};
  Half& half = halves_.at(standing == Throttle::Standing::known ? 1 : 0);
  half.push_back(std::move(task));
  changed_.notify_one();
  if (half.size() > most_) {
    oldest = std::move(half.front());
    half.pop_front();
  }
  count();
  return oldest;
}

RequestTask PasswordQueue::next() {
  turn_ = 1 - turn_;
  if (halves_.at(turn_).empty()) turn_ = 1 - turn_;
  Half& half = halves_.at(turn_);
  // One that is too late costs no hash, and must not keep the lane from its order.
  const RequestTask& oldest = half.front();
  const bool congested = !oldest.late() && oldest.waited() * 3 > oldest.patience();
  RequestTask task = std::move(congested ? half.back() : half.front());
  if (congested) {
    half.pop_back();
  } else {
    half.pop_front();
  }
  count();
  return task;
}

// What is held back by now came in before the failures that it is held back for.
bool PasswordQueue::held_back(const RequestTask& task) {
  const auto guess = task.guess();
  return guess && throttle_.standing(*guess) == Throttle::Standing::refused;
}

void PasswordQueue::handle(Decider& decider, const RequestTask& task) {
  try {
    if (task.late()) return decider.refuse(task, auth::Deny::overloaded, reply_);
    if (held_back(task)) return decider.refuse(task, auth::Deny::throttled, reply_);
    decider.decide(task, reply_);
  } catch (const std::exception& fault) {
    ++counters_.faults;
    log(Level::error, "fault", {{"error", fault.what()}});
  }
}

void PasswordQueue::run(const std::stop_token& stop) {
  lower_priority();
  Decider decider = make_();
  StallDetector::Beat beat{stalls_};
  std::unique_lock lock{mutex_};
  // Stopped, it goes on until nothing waits.
  while (changed_.wait(lock, stop, [this] { return waits(); })) {
    const RequestTask task = next();
    lock.unlock();
    beat.begin();
    handle(decider, task);
    beat.end();
    lock.lock();
  }
}

void PasswordQueue::drain() {
  for (std::jthread& thread : threads_)
    thread.request_stop();
  threads_.clear();
}

}  // namespace gateway
