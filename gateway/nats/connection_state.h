#pragma once
// Whether a connection to nats-server is up, and to which server. Thread-safe.

#include <mutex>
#include <string>
#include <utility>

#include "auth/base/time.h"
#include "gateway/nats/link_table.h"

namespace gateway {

class ConnectionState {
 public:
  struct Is {
    bool up = false;
    std::string server;  // name of the server; empty while not connected
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

// The states of the daemon's connections. One that consists of links is up while any of them is.
struct ConnectionStates {
  ConnectionState callout{};
  ConnectionState system{};
  ConnectionState admin{};
  LinkTable callout_links{};
  LinkTable system_links{};
};

}  // namespace gateway
