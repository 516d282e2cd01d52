#pragma once
// The current configuration, for parts that follow a reload.

#include "gateway/config/config.h"
#include "gateway/platform/snapshot.h"

namespace gateway {

// Replaced as a whole when the configuration is read again.
using CurrentConfig = Snapshot<Config>;

}  // namespace gateway
