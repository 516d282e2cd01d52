#pragma once
// The requests of the admin service that wait to be carried out. One caller's requests are carried
// out one after the other, and callers take turns: whoever sends a thousand at once delays others
// by the one that is being carried out.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "auth/base/secret.h"
#include "gateway/platform/locked.h"

namespace gateway {

// A request as it came. Owns its bytes.
struct QueuedRequest {
  std::string actor;  // the caller as the journal has it: "nats:CG…"
  std::string subject;
  std::string reply;
  std::vector<std::string> callers;  // all values of the header Nats-Request-Info
  auth::SecretText body;             // may hold a password
  std::chrono::steady_clock::time_point arrived{};
};

// Thread-safe.
class RequestQueue {
 public:
  using Clock = std::chrono::steady_clock;
  struct Limits {
    unsigned threads = 1;         // requests that are carried out at once, each of another caller
    std::size_t max_waiting = 8;  // of one caller, beside the one that is being carried out
    Clock::duration patience{};   // a request that has waited longer comes too late
  };
  // Carries the request out; where it comes too late, only answers it. Called on the queue's
  // threads. An exception is logged as a `fault`, and loses only that request.
  using Handle = std::function<void(const QueuedRequest& request, bool too_late)>;

  RequestQueue(const Limits& limits, Handle handle);
  // Waits for the requests that are being carried out, and drops those that wait.
  ~RequestQueue();
  RequestQueue(const RequestQueue&) = delete;
  RequestQueue& operator=(const RequestQueue&) = delete;

  // Whether fewer of this caller wait than may. Does not block.
  bool has_place(const std::string& actor) const;
  // Does not block. False, and nothing taken, where as many of this caller wait as may.
  bool push(QueuedRequest&& request);

  // From now on, what is not begun by `end` comes too late. Does not block.
  void set_end(Clock::time_point end);
  // Hands out what waits, and ends the threads.
  void drain();

 private:
  struct Caller {
    std::deque<QueuedRequest> waiting;
    bool busy = false;  // one of its requests is being carried out
  };
  struct State {
    std::map<std::string, Caller> callers;  // those with a request that waits or is carried out
    std::deque<std::string> turns;          // those with one that waits, and none carried out
    Clock::time_point end = Clock::time_point::max();  // what is begun after it comes too late
  };
  void work(const std::stop_token& stop);
  void handle_one(Locked<State>::Guard& state);

  const Limits limits_;
  const Handle handle_;
  std::condition_variable_any changed_;
  Locked<State> state_;
  std::vector<std::jthread> threads_;
};

}  // namespace gateway
