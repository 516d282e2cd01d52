#pragma once
// Where a daemon serves its metrics. Several daemons share one configuration, and need an address
// each.

#include <optional>
#include <string>

#include "auth/base/json_object.h"
#include "gateway/config/config.h"

namespace gateway {

// `metrics.listen`: "ADDRESS:PORT" or "off" for every instance, or an object of them by instance.
void read_metrics(auth::JsonObject section, Config& config);

// Of a daemon by its instance name; empty: it is off. Absent where the configuration names the
// addresses of other instances only. Where it names none: 127.0.0.1, port 8420 + N for an instance
// whose name is a number N up to 999, and 8422 for every other.
std::optional<std::string> metrics_address(const Config& config, const std::string& instance);

}  // namespace gateway
