#pragma once
// Closes live connections, over a connection to the system account. Requests to close are kept
// until the server has done it or has no such connection.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>

#include "auth/nkey.h"
#include "gateway/config.h"
#include "gateway/nats.h"
#include "gateway/responder.h"

namespace gateway {

class Kicker {
 public:
  // `key` and `counters` must outlive this. Connects, and connects again, in a thread of its own.
  Kicker(const NatsConfig& config, const auth::KeyPair& key, Counters& counters);

  // Returns at once. Thread-safe.
  void kick(Connected connection);

 private:
  enum class Outcome : std::uint8_t { closed, gone, failed };
  void run(const std::stop_token& stop);
  Outcome request(const Connected& connection);
  void ensure_connected();

  NatsConfig config_;
  const auth::KeyPair& key_;
  Counters& counters_;
  Connection connection_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Connected> waiting_;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace gateway
