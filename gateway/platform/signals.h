#pragma once
// The signals that control the daemon.

#include <chrono>
#include <ctime>

#include <signal.h>

namespace gateway {

// Blocks the signals, which must happen before the first thread starts, so that every thread
// inherits the mask; then waits for them.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int which : {SIGINT, SIGTERM, SIGHUP})
      sigaddset(&set_, which);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    signal(SIGPIPE, SIG_IGN);
  }
  // The next signal, or 0 after `patience`.
  int wait(std::chrono::milliseconds patience) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
    const timespec limit{.tv_sec = seconds.count(),
                         .tv_nsec = std::chrono::nanoseconds{patience - seconds}.count()};
    const int which = sigtimedwait(&set_, nullptr, &limit);
    return which > 0 ? which : 0;
  }

 private:
  sigset_t set_{};
};

}  // namespace gateway
