#pragma once
// A subscription, and the thread that reads it.

#include <functional>
#include <string>
#include <thread>

#include "gateway/nats/client.h"

namespace gateway {

class Subscriber {
 public:
  using Use = std::function<void(const natsMsg&)>;

  // Calls `use` with each message, on its own thread, until this object or the connection ends.
  // Borrows the connection. `group`: the queue group, or empty. Throws NatsError.
  Subscriber(const Connection& connection, const std::string& subject, Use use,
             const std::string& group = {});
  ~Subscriber();
  // Takes the messages sent until now, and none after them. Does not block: of several, all are
  // told before the first is waited for, as each waits for a server that hangs.
  void start_drain();
  // Handles what start_drain() takes, then returns. At most two seconds, and the last message.
  void drain();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

 private:
  Subscription subscription_;
  bool drains_ = false;
  std::jthread thread_;  // last: it uses the other
};

}  // namespace gateway
