#pragma once
// The queue for passwords: few threads, of low priority, before which a bounded number of logins
// waits. All other kinds of credentials go past it.
//
// Half of it is for logins that were let in from their source before. Where both halves wait, they
// take turns, so a flood of unknown logins leaves the known ones half of the hashing. Within a half
// sources and logins take turns (waiting_logins.h).
//
// So whoever shares an address with a login, and has others flood the queue, may see by how late
// its own refusal comes whether that login was let in from there before.

#include <array>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "gateway/callout/request_task.h"
#include "gateway/callout/waiting_logins.h"
#include "gateway/config/config.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/locked.h"
#include "gateway/platform/stall_detector.h"

namespace gateway {

class PasswordQueue {
 public:
  // What a thread of the queue does with a task whose turn has come. Must not throw.
  using Handle = std::function<void(RequestTask)>;
  // Called once on each thread: what a thread needs for itself lives in the Handle.
  using MakeHandle = std::function<Handle()>;

  // Starts the threads. Borrows its arguments.
  PasswordQueue(const PasswordConfig& config, Counters& counters, StallDetector& stalls,
                MakeHandle make_handle);
  // Drops what waits, and ends the threads.
  ~PasswordQueue();
  PasswordQueue(const PasswordQueue&) = delete;
  PasswordQueue& operator=(const PasswordQueue&) = delete;

  // Gives back the task for which there is no place any more in its half: it is to be refused.
  // `known`: its login was let in from its source before. Thread-safe, and returns at once. Not to
  // be called after drain().
  std::optional<RequestTask> push(RequestTask task, bool known);
  // Forgets what waits: the connection is lost, and nobody can be answered.
  void drop();
  // Handles what waits, and ends the threads.
  void drain();

 private:
  struct Waiting {
    std::array<WaitingLogins, 2> halves;  // of unknown logins, and of known ones
    std::size_t turn = 0;
    std::size_t size() const { return halves[0].size() + halves[1].size(); }
    RequestTask next();  // where one waits
  };
  void run(const std::stop_token& stop);
  void count(const Waiting& waiting);

  Counters& counters_;
  StallDetector& stalls_;
  const MakeHandle make_handle_;
  std::condition_variable_any changed_;
  Locked<Waiting> waiting_;
  std::vector<std::jthread> threads_;
};

}  // namespace gateway
