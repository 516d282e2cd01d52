#pragma once
// The daemon.

#include <filesystem>

namespace gateway {

// Serves until SIGTERM or SIGINT, then answers what it took and returns 0; returns 1 when the
// store's files were removed or replaced. SIGHUP reads the configuration again. Throws ConfigError
// for a configuration that cannot be served. To be called before any thread was started.
int serve(const std::filesystem::path& config_file);

}  // namespace gateway
