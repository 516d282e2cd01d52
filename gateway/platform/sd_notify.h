#pragma once
// Notifies systemd of the daemon's state, if systemd started it with Type=notify.
// Source: sd_notify(3).

#include <optional>
#include <string>
#include <string_view>

#include "gateway/platform/fd.h"

namespace gateway {

// Not thread-safe. Failures to notify are ignored, because they must not end the service.
class SdNotify {
 public:
  // `socket`: the value of NOTIFY_SOCKET, a path or, with a leading @, an abstract name; null or
  // empty: no notifications.
  explicit SdNotify(const char* socket);

  void ready();
  // Call this before a reload, and ready() after it.
  void reloading();
  void stopping();
  // Notifies the watchdog. Thread-safe.
  void alive() const;
  // One line for people, shown by `systemctl status`. Repeated lines are sent once.
  void status(std::string_view text);

 private:
  void send(const std::string& text) const;

  Fd fd_;
  std::string address_;
  std::string status_;
};

}  // namespace gateway
