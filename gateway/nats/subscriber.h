#pragma once
// A subscription with a thread that reads it.

#include <functional>
#include <string>
#include <thread>

#include "gateway/nats/client.h"

namespace gateway {

class Subscriber {
 public:
  using Use = std::function<void(const natsMsg&)>;

  // Calls `use` with each message, on a thread of its own, until this or the connection ends. The
  // connection must outlive this. `group`: the queue group, or none. Throws NatsError.
  Subscriber(const Connection& connection, const std::string& subject, Use use,
             const std::string& group = {});
  ~Subscriber();
  // Hears what was sent until now, and nothing after it; returns when that is used. The connection
  // is flushed meanwhile.
  void drain();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

 private:
  Subscription subscription_;
  std::jthread thread_;  // last: it uses the other
};

}  // namespace gateway
