#pragma once
// The daemon.

#include <filesystem>

namespace gateway {

// Serves until SIGTERM or SIGINT, then answers what it took and returns 0. SIGHUP reads the
// configuration again. Throws ConfigError for a configuration that cannot be served, and
// store::Fault when the store is lost. To be called before any thread was started.
int serve(const std::filesystem::path& config_file);

}  // namespace gateway
