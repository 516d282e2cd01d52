#pragma once
// Refusals that are sent some time after they were made. A client that is refused twice at once
// gives up for good, and the time of a refusal must not tell what was hashed on its way.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <thread>

#include "gateway/callout/request_path.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/locked.h"

namespace gateway {

// Thread-safe.
class DelayedReplies {
 public:
  using Clock = std::chrono::steady_clock;
  // Publishes. Called on this object's thread. An exception costs the one refusal.
  using Send = std::function<void(const ReplyTo& to, const std::string& answer)>;

  static constexpr std::size_t kMaxWaiting = 4096;

  // `unsent` counts what was not sent; it must outlive this.
  DelayedReplies(Count& unsent, Send send);

  // Returns at once. Beyond kMaxWaiting the refusal is not sent at all: the server's timeout
  // refuses as well.
  void send_at(Clock::time_point due, ReplyTo to, std::string answer);
  // Sends what waits, now, and ends the thread.
  void drain();

 private:
  struct Reply {
    ReplyTo to;
    std::string answer;
  };
  using Waiting = Locked<std::multimap<Clock::time_point, Reply>>;
  void run(const std::stop_token& stop);
  void send_first(Waiting::Guard& waiting);

  Count& unsent_;
  Send send_;
  std::condition_variable_any changed_;
  Waiting waiting_;
  std::jthread thread_;
};

}  // namespace gateway
