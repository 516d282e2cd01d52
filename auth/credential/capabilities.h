#pragma once
// What a credential's capabilities come to in NATS subject permissions: one table for the user JWT,
// for `show`, and for whoever asks what a credential may do.

#include <optional>
#include <string>
#include <string_view>

#include "auth/credential/credential.h"
#include "auth/nats/permissions.h"

namespace auth {

// The union of the capabilities' rows and the raw permissions: every list sorted, no entry twice.
// The credential is valid (validate.h).
Permissions expand(const Credential& credential);

// Whether it may do anything at all: by a capability, by answering, or by permissions spelled out.
bool gives_anything(const Credential& credential);

}  // namespace auth
