#pragma once
// The rules for a credential that may be stored, each with its error message.

#include <optional>

#include "auth/base/invalid.h"
#include "auth/credential/credential.h"

namespace auth {

// Absent if the record may be stored. Checks the fields that people set, each alone and in
// combination: lengths, subjects, names, ranges, and combinations that would permit more than they
// seem to. Attacks that it prevents: a publisher of ">" forges acknowledgements and replies; a
// receiver of ">", "_INBOX.>" or "_CG.>" reads everybody's replies; a name with a line feed forges
// a log line.
std::optional<Invalid> validate(const Credential& credential);

}  // namespace auth
