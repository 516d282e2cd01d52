#pragma once
// Refusals that are sent some time after they were made. A client that is refused twice at once
// gives up for good, and the time of a refusal must not tell what was hashed on its way.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "gateway/platform/counters.h"

namespace gateway {

class DelayedReplies {
 public:
  using Clock = std::chrono::steady_clock;
  // Publishes, on this object's thread. An exception costs the one refusal.
  using Send = std::function<void(const std::string& subject, const std::string& answer)>;

  // `unsent` counts what was not sent; it outlives this.
  DelayedReplies(Count& unsent, Send send);

  // Thread-safe, and returns at once. Beyond kMost that wait, the refusal is not sent at all: the
  // server's timeout refuses as well.
  void send_at(Clock::time_point due, std::string subject, std::string answer);
  // Sends what waits, now, and ends the thread.
  void drain();

  static constexpr std::size_t kMost = 4096;

 private:
  struct Waiting {
    std::string subject;
    std::string answer;
  };
  void run(const std::stop_token& stop);
  void send_first(std::unique_lock<std::mutex>& lock);

  Count& unsent_;
  Send send_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::multimap<Clock::time_point, Waiting> waiting_;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace gateway
