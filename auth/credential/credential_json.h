#pragma once
// A credential as people and programs see it: every field but its proofs. One list of fields for
// `show`, for `--json`, and for what the journal says was changed.

#include <nlohmann/json.hpp>

#include "auth/credential/capabilities.h"
#include "auth/credential/credential.h"

namespace auth {

// Field names as in the record; moments in RFC 3339, spans in seconds; members whose value is the
// default are there all the same, `null` for an absent one. Never holds a secret or its hash.
nlohmann::ordered_json write_json(const Credential& credential);
nlohmann::ordered_json write_json(const Permissions& permissions);
// ["publish", "receive", "manage"], or fewer.
nlohmann::ordered_json write_capabilities(const Credential& credential);

}  // namespace auth
