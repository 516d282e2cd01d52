#pragma once
// What makes a credential acceptable to the store. One rule, one sentence for whoever broke it.

#include <optional>

#include "auth/base/invalid.h"
#include "auth/credential/credential.h"

namespace auth {

// Absent where the record may be stored. Judges the fields that people set, each alone and
// together: lengths, subjects, names, ranges, and the combinations that would give more than they
// seem to. Attacks that it closes: a publisher of ">" who forges acknowledgements and replies, a
// receiver of
// ">" or "_INBOX.>" who reads everybody's replies, a log line made by a name with a line feed in
// it.
std::optional<Invalid> validate(const Credential& credential);

}  // namespace auth
