#pragma once
// The daemon's metrics in Prometheus' text format. doc/metrics.md explains each.

#include <string>

namespace gateway {

struct DaemonView;

// Reads the store. What can't be read is left out, and `credgate_store_readable` is 0.
std::string write_metrics(const DaemonView& view);

}  // namespace gateway
