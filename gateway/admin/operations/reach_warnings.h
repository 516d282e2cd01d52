#pragma once
// Warnings about what a credential may publish and subscribe beyond its streams, subjects and own
// inbox: nats-server's own subjects, shared inboxes, every subject, and the admin service.

#include <span>

#include "auth/credential/credential.h"
#include "auth/credential/role.h"
#include "auth/nats/permissions.h"
#include "gateway/admin/operations/context.h"

namespace gateway::operations {

// What the rights of a credential or a role give but for streams and buckets: what these give is
// below $JS too, and limited to them. Of a role, templates stand in it as they were written.
struct Reach {
  auth::Permissions permissions;
  bool everything = false;  // some of them have it, which has a warning of its own
};
Reach reach_of(const auth::Credential& credential, std::span<const auth::Role> roles);
Reach reach_of(const auth::Role& role);

// Appends the warnings, each at most once. What a deny covers whole is not warned of. A token with
// a template may have any value.
void add_reach_warnings(const Config& config, std::string_view account, Reach reach,
                        OrderedJson& list);

}  // namespace gateway::operations
