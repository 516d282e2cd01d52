#pragma once
// The rules for a credential that may be stored, each with its error message.

#include <optional>
#include <span>

#include "auth/base/invalid.h"
#include "auth/credential/credential.h"
#include "auth/credential/role.h"

namespace auth {

// Absent if the record may be stored. Checks the fields that people set, each alone and in
// combination: lengths, subjects, names, ranges, and combinations that would permit more than they
// seem to. Attacks that it prevents: a publisher of ">" forges acknowledgements and replies; a
// receiver of ">", "_INBOX.>" or "_CG.>" reads everybody's replies; a name with a line feed forges
// a log line.
std::optional<Invalid> validate(const Credential& credential);

// The same of rights, but for their size; of what they expand to; and of a role.
std::optional<Invalid> validate(const Rights& rights);
std::optional<Invalid> check_size(const Permissions& permissions);
std::optional<Invalid> validate(const Role& role);

// What holds for a valid credential and its valid roles together: that nothing which one allows is
// denied as a whole by another, and that all of it fits into a user JWT. A role may change later,
// so a decision looks at its size again.
std::optional<Invalid> validate_together(const Credential& credential, std::span<const Role> roles);

}  // namespace auth
