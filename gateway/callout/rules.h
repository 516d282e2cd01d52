#pragma once
// What decisions are made by, and what may change while the daemon runs.

#include <chrono>

#include "auth/decision/judge.h"
#include "gateway/platform/snapshot.h"

namespace gateway {

struct Rules {
  auth::Judge judge;
  std::chrono::seconds leeway;  // how far a server's clock may differ
};

// Replaced as a whole when the configuration is read again.
using CurrentRules = Snapshot<Rules>;

}  // namespace gateway
