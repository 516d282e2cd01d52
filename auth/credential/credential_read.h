#pragma once
// Reads a credential, or a role, from JSON, as write_json (credential_json.h) or a person writes
// it.

#include <nlohmann/json_fwd.hpp>

#include "auth/base/result.h"
#include "auth/credential/credential.h"
#include "auth/credential/role.h"
#include "auth/credential/validate.h"

namespace auth {

// Sets the fields of `credential` that `record` has, and leaves the others unchanged: the caller
// has set the defaults. Members are those that people set, and `id` and `secrets`. Members of
// `secrets`: scheme, key_id, login, hash and sealed (base64url), password_hash, created_at,
// expires_at. Timestamps are in RFC 3339 or a date, durations in seconds; `null` means absent.
// Refused, with the path of the member: an unknown member, a wrong type, an invalid value.
// validate() checks the combination of values. Never throws. No message contains a value that may
// be a secret.
std::optional<Invalid> read_json(const nlohmann::json& record, Credential& credential);

// The same of a role, whose members are account, name, description and those of rights.
std::optional<Invalid> read_json(const nlohmann::json& record, Role& role);

}  // namespace auth
