#include "gateway/lane.h"

#include <utility>

#include <sys/resource.h>
#include <unistd.h>

namespace gateway {
namespace {

// A flood of passwords may take the time that is left over, and no more: on a machine with as many
// cores as the lane has threads, keys would wait for them else.
void lower_priority() {
  constexpr int kNice = 10;
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice));
}

}  // namespace

Lane::Lane(const PasswordConfig& config, Counters& counters, Beats& beats, MakeResponder make,
           Responder::Reply reply)
    : most_(config.queue),
      counters_(counters),
      beats_(beats),
      make_(std::move(make)),
      reply_(std::move(reply)) {
  for (unsigned i = 0; i < config.threads; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

Lane::~Lane() {
  drop();
  drain();
}

void Lane::drop() {
  const std::lock_guard lock{mutex_};
  waiting_.clear();
  count();
}

void Lane::count() {
  counters_.passwords_waiting = static_cast<std::int64_t>(waiting_.size());
  counters_.oldest_password = waiting_.empty() ? Beats::Clock::duration::zero()
                                               : waiting_.front().arrived.time_since_epoch();
}

std::optional<Task> Lane::take(Task task) {
  std::optional<Task> oldest;
  const std::lock_guard lock{mutex_};
  waiting_.push_back(std::move(task));
  changed_.notify_one();
  if (waiting_.size() > most_) {
    oldest = std::move(waiting_.front());
    waiting_.pop_front();
  }
  count();
  return oldest;
}

Task Lane::next() {
  // One that is too late costs no hash, and must not keep the lane from its order.
  const Task& oldest = waiting_.front();
  const bool congested = !oldest.late() && oldest.waited() * 3 > oldest.patience();
  Task task = std::move(congested ? waiting_.back() : waiting_.front());
  if (congested) {
    waiting_.pop_back();
  } else {
    waiting_.pop_front();
  }
  count();
  return task;
}

void Lane::run(const std::stop_token& stop) {
  lower_priority();
  Responder responder = make_();
  Beats::Beat beat{beats_};
  std::unique_lock lock{mutex_};
  // Stopped, it goes on until nothing waits.
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    const Task task = next();
    lock.unlock();
    beat.begin();
    if (task.late()) {
      responder.refuse(task, auth::Deny::overloaded, reply_);
    } else {
      responder.decide(task, reply_);
    }
    beat.end();
    lock.lock();
  }
}

void Lane::drain() {
  for (std::jthread& thread : threads_)
    thread.request_stop();
  threads_.clear();
}

}  // namespace gateway
