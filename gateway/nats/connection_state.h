#pragma once
// Whether a connection to nats-server is there, and to which server. Thread-safe.

#include <mutex>
#include <string>
#include <utility>

#include "auth/base/bytes.h"

namespace gateway {

class ConnectionState {
 public:
  struct Is {
    bool up = false;
    std::string server;  // its name; empty while there is no connection
    auth::Time since{};  // in that state
  };

  void set(bool up, std::string server, auth::Time now) {
    const std::lock_guard lock{mutex_};
    if (is_.up == up && is_.server == server) return;
    is_ = {up, std::move(server), now};
  }
  Is get() const {
    const std::lock_guard lock{mutex_};
    return is_;
  }

 private:
  mutable std::mutex mutex_;
  Is is_;
};

// Of the daemon's connections.
struct ConnectionStates {
  ConnectionState callout;
  ConnectionState system;
  ConnectionState admin;
};

}  // namespace gateway
