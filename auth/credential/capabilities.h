#pragma once
// Translates a credential's capabilities into NATS subject permissions: one table for the user JWT,
// for `show`, and for `explain`.

#include <optional>
#include <string>
#include <string_view>

#include "auth/credential/credential.h"
#include "auth/nats/permissions.h"

namespace auth {

// The union of the capabilities' rows and the raw permissions; every list is sorted, with no entry
// twice. The credential must be valid (validate.h).
Permissions expand(const Credential& credential);

// Whether the credential may do anything at all: through a capability, `allow_responses` or
// explicit permissions.
bool gives_anything(const Credential& credential);

}  // namespace auth
