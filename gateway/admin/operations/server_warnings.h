#pragma once
// Warnings about what nats-server does not check.

#include <span>

#include "auth/credential/credential.h"
#include "auth/credential/role.h"
#include "gateway/admin/operations/context.h"

namespace gateway::operations {

inline constexpr const char* kLeafnodeWarning =
    "LEAFNODE: before nats-server 2.11.16, 2.12.7 and 2.14.0 a leafnode may publish to every "
    "subject of its account; later ones do not check what it publishes to $JS.ACK.> and _R_.>";

inline constexpr const char* kDeliveryWarning =
    "streams: the client chooses the subject that a stream's messages are delivered to, so it can "
    "send them to any subscriber of the account, private inboxes included";

// Appends those about leafnodes, and once the one about streams whose messages are delivered where
// the client says.
void add_server_warnings(const auth::Credential& credential, std::span<const auth::Role> roles,
                         OrderedJson& list);
// The one about streams.
void add_delivery_warning(const auth::Rights& rights, OrderedJson& list);

}  // namespace gateway::operations
