#pragma once
// What a credential lacks, where it may not publish or subscribe.

#include <span>
#include <string>
#include <vector>

#include "auth/credential/candidate_rights.h"
#include "auth/credential/credential.h"
#include "auth/credential/role.h"

namespace auth {

// The rights that would each give it, in the words of the command line and the narrowest first:
// "--kv-read cfg", "--receive --streams ORDERS --consumers worker". At most two. Each was tried:
// the record may be stored with it (validate.h), keeps what it has, and gets the wish; where that
// is not so, "in a second credential" follows. Words in capitals stand for any name: "--receive
// --streams STREAM". Denied: "without --deny-pub orders.secret", and by a role: "without --deny-pub
// orders.secret of role ops".
//
// Empty where no right is the answer: the private inbox of another credential. `credential` and its
// roles must be valid, no role missing (role.h), and the wish not granted already.
std::vector<std::string> needed_rights(const Credential& credential, std::span<const Role> roles,
                                       const Wish& wish);

}  // namespace auth
