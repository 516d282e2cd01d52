#pragma once
// What the last SIGHUP made of the configuration file, for those who watch: `systemctl reload`
// succeeds whatever is in the file.

#include <string>
#include <utility>

#include "gateway/platform/locked.h"

namespace gateway {

// Thread-safe.
class ReloadState {
 public:
  struct Is {
    std::string error{};          // why the file is not in use; empty where it is
    std::string needs_restart{};  // names of settings that are not in use until a restart
  };

  void set(Is is) { *is_.lock() = std::move(is); }
  Is get() const { return *is_.lock(); }
  // One sentence; empty where all of the file is in use.
  std::string sentence() const {
    const Is is = get();
    if (!is.error.empty()) return "the last reload failed, and the file is not in use: " + is.error;
    if (!is.needs_restart.empty())
      return "changed, but not in use until a restart: " + is.needs_restart;
    return "";
  }

 private:
  Locked<Is> is_;
};

}  // namespace gateway
