#pragma once
// A credential from JSON, as write_json (credential_json.h) writes it or as people write it by
// hand.

#include <nlohmann/json_fwd.hpp>

#include "auth/base/result.h"
#include "auth/credential/credential.h"
#include "auth/credential/validate.h"

namespace auth {

// Puts into `credential` what the members of `record` say, and leaves the rest as it is: the caller
// has set the defaults. Members are those that people set, and `id` and `secrets`. Of `secrets`:
// scheme, key_id, login, hash and sealed (base64url), password_hash, created_at, expires_at.
// Moments in RFC 3339 or as a date, spans in seconds; `null` is for an absent one. Refused with the
// path of the member: a member that is unknown, of another type, or no value of its field. What the
// values mean together is validate()'s affair. Never throws. No message holds a value that may be a
// secret.
std::optional<Invalid> read_json(const nlohmann::json& record, Credential& credential);

}  // namespace auth
