#pragma once
// What the configuration says of passwords and of those who guess them.

#include "gateway/config/config.h"
#include "gateway/config/config_reader.h"

namespace gateway {

// Both throw ConfigError.
PasswordConfig read_passwords(Section section);
ThrottleConfig read_throttle(Section section);

}  // namespace gateway
