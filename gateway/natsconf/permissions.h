#pragma once
// The permissions of a nats-server configuration: parseUserPermissions of server/opts.go.

#include <optional>

#include "auth/credential/credential.h"
#include "gateway/natsconf/fields.h"

namespace gateway {

// With every "absent means everything" spelled out as ">". Absent where there was a problem, which
// is everything that would come out wider or narrower than on nats-server, and what nats-server
// takes as everything without a word of it: an empty block, an empty list.
std::optional<auth::Permissions> read_nats_permissions(const NatsValue& value,
                                                       NatsProblems& problems);

}  // namespace gateway
