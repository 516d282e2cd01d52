#pragma once
// The lane for passwords: few threads, of low priority, before which a bounded number of logins
// waits. All other kinds of credentials go past it.
//
// Half of it is for logins that were let in from their source before: where both halves wait, they
// take turns, so a flood of strangers leaves them half of the hashing. Each half is taken in order,
// until its oldest has waited for a third of its server's time: then more come than can be hashed,
// and the newest goes first, since in order each would be answered when its server is about to give
// up, or too late.
//
// So who shares an address with a login, and has others flood the lane, may see by how late its own
// refusal comes whether that login was let in from there before.

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "gateway/callout/decider.h"
#include "gateway/config/config.h"
#include "gateway/platform/stall_detector.h"

namespace gateway {

class PasswordQueue {
 public:
  using MakeResponder = std::function<Decider()>;

  // Starts the threads; each makes a responder of its own. `reply` is called on all of them.
  // The references outlive this.
  PasswordQueue(const PasswordConfig& config, Counters& counters, StallDetector& stalls,
                Throttle& throttle, MakeResponder make, Decider::Reply reply);

  // Drops what waits, and ends the threads.
  ~PasswordQueue();
  PasswordQueue(const PasswordQueue&) = delete;
  PasswordQueue& operator=(const PasswordQueue&) = delete;

  // Gives back the one that has no place any more, the oldest, where its half is full: it is to be
  // refused. Thread-safe, and returns at once. Not to be called after drain().
  std::optional<RequestTask> take(RequestTask task, Throttle::Standing standing);
  // Forgets what waits: the connection is lost, and nobody can be answered.
  void drop();
  // Decides what waits, and ends the threads.
  void drain();

 private:
  using Half = std::deque<RequestTask>;
  void run(const std::stop_token& stop);
  void handle(Decider& decider, const RequestTask& task);
  bool held_back(const RequestTask& task);
  // Both under the lock:
  RequestTask next();  // where one waits
  bool waits() const;
  void count();

  std::size_t most_;  // of each half
  Counters& counters_;
  StallDetector& stalls_;
  Throttle& throttle_;
  MakeResponder make_;
  Decider::Reply reply_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::array<Half, 2> halves_;  // of strangers, and of those that are known
  std::size_t turn_ = 0;
  std::vector<std::jthread> threads_;  // last: they use all the others
};

}  // namespace gateway
