#pragma once
// Warnings about what a credential may publish and subscribe beyond its streams, subjects and own
// inbox: nats-server's own subjects, shared inboxes, every subject, and the admin service.

#include "auth/credential/credential.h"
#include "gateway/admin/operations/context.h"

namespace gateway::operations {

// Appends them, each at most once. What a deny covers whole is not warned of.
void add_reach_warnings(const Config& config, const auth::Credential& credential,
                        OrderedJson& list);

}  // namespace gateway::operations
