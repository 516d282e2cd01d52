#pragma once
// Time zones, from the system's zone data.

#include <chrono>
#include <optional>
#include <string_view>

#include "auth/base/time.h"

namespace gateway {

// The offset from UTC of an IANA zone at a time; absent for an unknown zone. Thread-safe. The zone
// is read at its first use; an empty name is UTC and reads nothing.
std::optional<std::chrono::seconds> zone_offset(std::string_view zone, auth::Time at);

}  // namespace gateway
