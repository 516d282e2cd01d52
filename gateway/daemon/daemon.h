#pragma once
// The daemon.

#include <filesystem>
#include <string>

namespace gateway {

struct ServeOptions {
  std::filesystem::path config_file;
  std::string instance = "credgate";  // names the control socket
  std::string metrics_listen{};       // in place of the configuration's, where it is given
};

// Serves until SIGTERM or SIGINT, then answers what it took and returns 0; returns 1 when the
// store's files were removed or replaced. SIGHUP reads the configuration again. Throws ConfigError
// for a configuration that cannot be served. To be called before any thread was started.
int serve(const ServeOptions& options);

}  // namespace gateway
