#pragma once
// The wall clock. Decisions get the time as an argument, which comes from here.

#include <chrono>

#include "auth/base/time.h"
#include "auth/base/time_format.h"

namespace gateway {

inline auth::Time now_in_seconds() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

inline auth::Instant now_in_microseconds() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace gateway
