#pragma once
// The lane for passwords: few threads, of low priority, before which a bounded number of logins
// waits. All other kinds of credentials go past it. They are taken in order, until the oldest has
// waited for a third of its server's time: then more come than can be hashed, and the newest goes
// first, since in order each would be answered when its server is about to give up, or too late.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "gateway/beats.h"
#include "gateway/config.h"
#include "gateway/responder.h"

namespace gateway {

class Lane {
 public:
  using MakeResponder = std::function<Responder()>;

  // Starts the threads; each makes a responder of its own. `reply` is called on all of them.
  // `counters` and `beats` outlive this.
  Lane(const PasswordConfig& config, Counters& counters, Beats& beats, MakeResponder make,
       Responder::Reply reply);

  // Drops what waits, and ends the threads.
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Gives back the one that has no place any more, the oldest, where the lane is full: it is to be
  // refused. Thread-safe, and returns at once. Not to be called after drain().
  std::optional<Task> take(Task task);
  // Forgets what waits: the connection is lost, and nobody can be answered.
  void drop();
  // Decides what waits, and ends the threads.
  void drain();

 private:
  void run(const std::stop_token& stop);
  // Both under the lock:
  Task next();  // where one waits
  void count();

  std::size_t most_;
  Counters& counters_;
  Beats& beats_;
  MakeResponder make_;
  Responder::Reply reply_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> waiting_;
  std::vector<std::jthread> threads_;  // last: they use all the others
};

}  // namespace gateway
