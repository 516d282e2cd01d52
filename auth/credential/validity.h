#pragma once
// What a credential's status and dates come to at a time.

#include <array>
#include <optional>
#include <string_view>

#include "auth/base/time.h"
#include "auth/credential/credential.h"

namespace auth {

// A session must have a moment to live: the server cuts at `exp`, and one that is already there
// would let the client in and throw it out in a loop.
bool leaves_time(Time end, Time now);

// In the order in which they win: what is revoked and expired as well is revoked.
inline constexpr std::array<std::string_view, 5> kValidity = {"revoked", "suspended", "expired",
                                                              "not_yet_valid", "active"};
inline constexpr const char* kValidityRule =
    "must be active, suspended, expired, not_yet_valid or revoked";
// One of kValidity. Only what is `active` is let in, where it may come from there at that time.
std::string_view validity(const Credential& credential, Time now);
std::optional<std::string_view> read_validity(std::string_view word);

}  // namespace auth
