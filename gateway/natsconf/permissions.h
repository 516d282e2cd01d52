#pragma once
// Reads the permissions in a nats-server configuration: parseUserPermissions of server/opts.go.

#include <optional>

#include "auth/credential/credential.h"
#include "gateway/natsconf/fields.h"

namespace gateway {

// Every "absent means everything" becomes an explicit ">". Absent if there was a problem: anything
// that would allow more or less than on nats-server, and what nats-server silently takes as
// everything (an empty block, an empty array).
std::optional<auth::Permissions> read_nats_permissions(const NatsValue& value,
                                                       NatsProblems& problems);

}  // namespace gateway
