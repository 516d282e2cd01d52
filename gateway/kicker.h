#pragma once
// Closes live connections, over a connection to the system account. Requests to close are kept
// until the server has done it or has no such connection.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "gateway/config.h"
#include "gateway/nats.h"
#include "gateway/responder.h"

namespace gateway {

class Kicker {
 public:
  // `login` and `counters` must outlive this. Connects, and connects again, in a thread of its own.
  Kicker(const NatsConfig& config, const NatsLogin& login, Counters& counters);

  // Returns at once. Thread-safe.
  void kick(Connected connection);

  // Waits, for two seconds at most, until nothing is left to close.
  void drain();

 private:
  struct Task {
    Connected connection;
    int tries = 0;
    std::string error;  // of the last try, so that each is said once
  };
  void run(const std::stop_token& stop);
  // Whether the task is done with.
  bool work(Task& task);
  // The event that came of it; throws NatsError where the server did not answer.
  std::string_view request(const Connected& connection);

  NatsConfig config_;
  const NatsLogin& login_;
  Counters& counters_;
  Connection connection_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> waiting_;
  bool busy_ = false;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace gateway
