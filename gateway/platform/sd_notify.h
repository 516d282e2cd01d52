#pragma once
// Tells systemd how the daemon does, where it was started by it with Type=notify.
// Source: sd_notify(3).

#include <optional>
#include <string>
#include <string_view>

namespace gateway {

// Not thread-safe. What can't be told is not told: no service ends because of it.
class SdNotify {
 public:
  // `socket`: of NOTIFY_SOCKET, a path or, from @ on, an abstract name; null or empty: nobody
  // listens.
  explicit SdNotify(const char* socket);
  ~SdNotify();
  SdNotify(const SdNotify&) = delete;
  SdNotify& operator=(const SdNotify&) = delete;

  void ready();
  // Before the configuration is read again; ready() follows.
  void reloading();
  void stopping();
  // The watchdog is fed. Thread-safe.
  void alive() const;
  // One line for people, as `systemctl status` shows it. The same twice is told once.
  void status(std::string_view text);

 private:
  void send(const std::string& text) const;

  int fd_ = -1;
  std::string address_;
  std::string status_;
};

}  // namespace gateway
