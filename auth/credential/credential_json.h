#pragma once
// A credential, or a role, as JSON: every field except its proofs. One list of fields for `show`,
// for `--json`, and for the changes in the journal.

#include <nlohmann/json.hpp>

#include "auth/credential/capabilities.h"
#include "auth/credential/credential.h"
#include "auth/credential/role.h"

namespace auth {

// Field names as in the record; timestamps in RFC 3339, durations in seconds. Members with default
// values are included; an absent value is `null`. Contains no secret and no hash of one.
nlohmann::ordered_json write_json(const Credential& credential);
nlohmann::ordered_json write_json(const Role& role);
nlohmann::ordered_json write_json(const Permissions& permissions);
// ["publish", "receive", "manage"], or fewer.
nlohmann::ordered_json write_capabilities(const Rights& rights);

}  // namespace auth
