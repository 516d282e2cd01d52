#pragma once
// The lane for passwords: few threads, of low priority, before which a bounded number of logins
// waits. All other kinds of credentials go past it.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "gateway/config.h"
#include "gateway/responder.h"

namespace gateway {

class Lane {
 public:
  using MakeResponder = std::function<Responder()>;

  // Starts the threads; each makes a responder of its own. `reply` is called on all of them.
  Lane(const PasswordConfig& config, MakeResponder make, Responder::Reply reply);

  // Takes the task unless the lane is full. Thread-safe, and returns at once.
  bool take(Task& task);
  // Decides what waits, and ends the threads.
  void drain();

 private:
  void run(const std::stop_token& stop);

  std::size_t most_;
  MakeResponder make_;
  Responder::Reply reply_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> waiting_;
  std::vector<std::jthread> threads_;  // last: they use all the others
};

}  // namespace gateway
