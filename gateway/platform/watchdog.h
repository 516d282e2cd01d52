#pragma once
// Notifies systemd's watchdog (WatchdogSec=) on its own thread while decisions can be made. Waiting
// for nats-server does not count as being stuck.
// Source: sd_watchdog_enabled(3).

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
  // The problem; absent while all is well.
  using Look = std::function<std::optional<std::string>()>;

  // `usec` and `pid`: the values of WATCHDOG_USEC and WATCHDOG_PID, null if they are not set; then
  // the watchdog is not notified. Borrows `notify`.
  Watchdog(const char* usec, const char* pid, const SdNotify& notify, Look look);

 private:
  void run(const std::stop_token& stop) const;

  const SdNotify& notify_;
  Look look_;
  std::chrono::microseconds interval_{0};
  std::jthread thread_;
};

}  // namespace gateway
