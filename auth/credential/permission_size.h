#pragma once
// How long permissions may be.

#include "auth/nats/permissions.h"

namespace auth {

inline constexpr std::size_t kMaxPermissionEntries = 5'000;

// Whether a user JWT with these lists fits into the server's default max_payload of 1 MiB: at most
// kMaxPermissionEntries and 512 KiB. nats-server closes the connection that sends a longer one.
bool fits_user_jwt(const Permissions& permissions);

}  // namespace auth
