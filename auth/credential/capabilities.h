#pragma once
// Translates a credential's capabilities into NATS subject permissions: one table for the user JWT,
// for `show`, and for `explain`.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/base/result.h"
#include "auth/credential/credential.h"
#include "auth/credential/role.h"
#include "auth/credential/subject_template.h"
#include "auth/nats/permissions.h"

namespace auth {

// What one set of rights adds to permissions: the union of the rows of capabilities, buckets and
// services, and the raw permissions, sorted. An empty list is empty: never for a user JWT.
Permissions given_by(const Rights& rights);

// What a credential may do: what its own rights and each role's give, and its inbox. Sets of rights
// are united as permissions: the consumers of one never go with the streams of another. Who may
// answer by several of them may do so as often, and as long, as the largest says. Every list is
// sorted, with no entry twice. All must be valid (validate.h), and no role be missing (role.h).
// `type`: of the connection that gets them; what holds for some types alone is then in them:
//  - MQTT: a credential that may receive also subscribes to the subjects on which nats-server
//    delivers QoS 1 and 2; before 2.12.3 the server wants them among the permissions. A plain
//    client that had them would read the deliveries of other clients.
//  - LEAFNODE: `$MQTT.>` is denied where the credential's own lists do not name it, because
//    nats-server does not look at a leafnode's allow lists there, only at its deny lists.
Permissions expand(const Credential& credential, std::span<const Role> roles,
                   std::optional<ConnectionType> type = {});

// As expand(), with the credential's id, name and tags in the place of templates: what a connection
// gets. Refused as expand_templates().
Result<ExpandedPermissions, Unexpandable> permissions_of(const Credential& credential,
                                                         std::span<const Role> roles,
                                                         std::optional<ConnectionType> type = {});

// As permissions_of(). Where that is refused, so that nobody is let in: the lists as they were
// written, with their templates. For people, and never for a user JWT.
inline Permissions shown_permissions(const Credential& credential, std::span<const Role> roles,
                                     std::optional<ConnectionType> type = {}) {
  const auto given = permissions_of(credential, roles, type);
  return given ? given->permissions : expand(credential, roles, type);
}

// Whether one set of rights, a role's or the holder's own, has this entry of the expanded lists: as
// it was written, or with the holder's values in the place of templates.
bool has_entry(const Rights& rights, const Credential& holder, std::string_view entry);

// Whether they allow anything at all: through a capability, a bucket, a service, `allow_responses`
// or explicit permissions.
bool gives_anything(const Rights& rights);
bool gives_anything(const Credential& credential, std::span<const Role> roles);

// The same of a credential's own rights alone.
inline Permissions expand(const Credential& credential, std::optional<ConnectionType> type = {}) {
  return expand(credential, {}, type);
}
inline Result<ExpandedPermissions, Unexpandable> permissions_of(
    const Credential& credential, std::optional<ConnectionType> type = {}) {
  return permissions_of(credential, {}, type);
}

}  // namespace auth
