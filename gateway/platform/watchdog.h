#pragma once
// Feeds systemd's watchdog (WatchdogSec=) for as long as decisions can be made, from a thread of
// its own: the others may wait for nats-server, and that is none of its business. Source:
// sd_watchdog_enabled(3).

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "gateway/platform/sd_notify.h"

namespace gateway {

class Watchdog {
 public:
  // What is wrong; absent while all is well.
  using Look = std::function<std::optional<std::string>()>;

  // `usec` and `pid`: of WATCHDOG_USEC and WATCHDOG_PID, null where they are not set; nothing is
  // fed then. `notify` must outlive this.
  Watchdog(const char* usec, const char* pid, const SdNotify& notify, Look look);

 private:
  void run(const std::stop_token& stop) const;

  const SdNotify& notify_;
  Look look_;
  std::chrono::microseconds interval_{0};
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace gateway
