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
  // Drains the subscription: flushes the connection, handles the messages sent until now and none
  // after them, then returns.
  void drain();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

 private:
  Subscription subscription_;
  std::jthread thread_;  // last: it uses the other
};

}  // namespace gateway
