#pragma once
// The credential of the self-probe, with which the daemon logs in to nats-server as a client. It is
// not in the store: its key for each minute is derived from the master key. It may not do anything.

#include <chrono>
#include <cstdint>
#include <string_view>

#include "auth/credential/credential.h"
#include "auth/credential/master_key.h"
#include "auth/nats/nkey.h"

namespace auth {

// Not in the form of an id, so that no credential has it.
inline constexpr std::string_view kProbeId = "credgate-probe";

using Minute = std::chrono::time_point<std::chrono::system_clock, std::chrono::minutes>;

// An nkey of type user, derived from the master key; a different one for every minute.
KeyPair probe_key(const MasterKey& master, Minute minute);

// A record that allows the key into `account` with everything denied, for a minute and a half: a
// server whose clock is ahead refuses what has already expired. The result depends only on the
// arguments. `kind`: nkey or creds; `login`: the key, "U…".
Credential probe_credential(Kind kind, std::string_view login, std::string_view account);

}  // namespace auth
