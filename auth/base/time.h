#pragma once
// The type of a point in time.

#include <chrono>

namespace auth {

// Seconds in UTC, as in all NATS claims. `auth` never reads a clock: the caller passes the time.
using Time = std::chrono::sys_seconds;

}  // namespace auth
