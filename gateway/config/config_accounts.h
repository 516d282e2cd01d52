#pragma once
// The accounts that the configuration names.

#include "auth/base/json_object.h"
#include "gateway/config/config.h"

namespace gateway {

// The member `accounts` of `root`: names, and in operator mode an object for each. The callout and
// the system account must have been read.
void read_accounts(auth::JsonObject& root, Config& config);

}  // namespace gateway
