#pragma once
// What is said of a record that may be stored, and is dangerous or cannot work: the same by
// whichever way it is made or changed.

#include <span>
#include <string_view>

#include "auth/credential/credential.h"
#include "auth/credential/role.h"
#include "gateway/admin/operations/context.h"

namespace gateway::operations {

inline constexpr const char* kNothingClosed =
    "only new connections are affected: without `system` in the configuration live connections "
    "cannot be closed; they end with their session_ttl";

inline constexpr const char* kPresentSentinel =
    "operator mode: the client must also present the sentinel (sentinel.creds), unless "
    "nats-server has a default_sentinel";

// Texts, each beginning with what it is about: "expires_at: …". doc/credentials.md lists them.
// `roles`: those of the credential, as they are now (store::Found).
OrderedJson warnings_of(const Config& config, const auth::Credential& credential, auth::Time now,
                        std::span<const auth::Role> roles = {});

// The same of a role that is made or changed: what it gives to each member. Whoever gets it is
// warned of too.
OrderedJson warnings_of(const Config& config, const auth::Role& role);

// About a password that the operator provides; empty where it is long enough.
std::string password_warning(std::string_view password);

// Sets `warnings` of a result to these, after those that it has; not at all where there are none.
void put_warnings(OrderedJson& result, const OrderedJson& warnings);

}  // namespace gateway::operations
