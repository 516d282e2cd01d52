#pragma once
// The credential with which the daemon tries its own door. It is in no store: whoever holds the
// master key can make its key, for the minute, and there is nothing that it may do.

#include <chrono>
#include <cstdint>
#include <string_view>

#include "auth/credential/credential.h"
#include "auth/credential/master_key.h"
#include "auth/nats/nkey.h"

namespace auth {

// Has not the form of an id, so that it is never one.
inline constexpr std::string_view kProbeId = "credgate-probe";

using Minute = std::chrono::time_point<std::chrono::system_clock, std::chrono::minutes>;

// An nkey of type user, derived from the master key; another for every minute.
KeyPair probe_key(const MasterKey& master, Minute minute);

// What the key lets in: into `account`, with everything denied, for a minute and a half: servers,
// whose clocks may be ahead, refuse what is over by theirs. Equal each time that it is made.
// `kind`: nkey or creds; `login`: the key, "U…".
Credential probe_credential(Kind kind, std::string_view login, std::string_view account);

}  // namespace auth
