#pragma once
// The configuration of password hashing and of the throttle.

#include "gateway/config/config.h"
#include "gateway/config/config_reader.h"

namespace gateway {

// Both throw ConfigError.
PasswordConfig read_passwords(Section section);
ThrottleConfig read_throttle(Section section);

}  // namespace gateway
