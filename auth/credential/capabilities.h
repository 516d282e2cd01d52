#pragma once
// Translates a credential's capabilities into NATS subject permissions: one table for the user JWT,
// for `show`, and for `explain`.

#include <optional>
#include <string>
#include <string_view>

#include "auth/base/result.h"
#include "auth/credential/credential.h"
#include "auth/credential/subject_template.h"
#include "auth/nats/permissions.h"

namespace auth {

// The union of the rows of capabilities, buckets and services, and the raw permissions; every list
// is sorted, with no entry twice. The credential must be valid (validate.h). `type`: of the
// connection that gets them; what holds for some types alone is then in them:
//  - MQTT: a credential that may receive also subscribes to the subjects on which nats-server
//    delivers QoS 1 and 2; before 2.12.3 the server wants them among the permissions. A plain
//    client that had them would read the deliveries of other clients.
//  - LEAFNODE: `$MQTT.>` is denied where the credential's own lists do not name it, because
//    nats-server does not look at a leafnode's allow lists there, only at its deny lists.
Permissions expand(const Credential& credential, std::optional<ConnectionType> type = {});

// As expand(), with the credential's id, name and tags in the place of templates: what a connection
// gets. Refused as expand_templates().
Result<ExpandedPermissions, Unexpandable> permissions_of(const Credential& credential,
                                                         std::optional<ConnectionType> type = {});

// Whether the credential may do anything at all: through a capability, a bucket, a service,
// `allow_responses` or explicit permissions.
bool gives_anything(const Credential& credential);

}  // namespace auth
