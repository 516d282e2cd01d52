#pragma once
// The daemon.

#include <filesystem>
#include <functional>
#include <string>

#include "auth/credential/credential.h"
#include "store/store.h"

namespace gateway {

struct ServeOptions {
  std::filesystem::path config_file;
  std::string instance = "credgate";  // names the control socket
  std::string metrics_listen{};       // in place of the configuration's, where it is given
};

// What a test may change of a daemon.
struct ServeHooks {
  // Called on the thread that decides, between a lookup and what follows from it.
  std::function<void(store::Store&, const store::Found&)> after_lookup{};
  bool watch_journal = true;  // false: no session is closed for what the store says of it
};

// Serves until SIGTERM or SIGINT, then answers what it took and returns 0; returns 1 when the
// store's files were removed, replaced or written over by an older copy. SIGHUP reads the
// configuration again. Throws ConfigError for a configuration that cannot be served, and
// store::WentBack for a store that is older than what was noted of it. To be called before any
// thread was started.
int serve(const ServeOptions& options, const ServeHooks& hooks = {});

}  // namespace gateway
