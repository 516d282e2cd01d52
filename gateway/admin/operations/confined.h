#pragma once
// What a caller who answers for one account may register. A login belongs to no account before it
// is registered: whoever may register any could name that of another account's client, which then
// lands in the caller's account at its next login.

#include <string>

#include "auth/credential/credential.h"
#include "gateway/admin/operations/context.h"
#include "gateway/admin/operations/new_secret.h"

namespace gateway::operations {

// What such a caller's user names begin with. No account's name has a dot, so that the user names
// of SHOP and SHOP-EU stay apart.
std::string own_prefix(const std::string& account);

// The user name of a password whose owner names none: the credential's own name, after the prefix
// where the caller must have it.
std::string default_login(const OperationContext& context, const std::string& name);

// The text that the owner of a public key signs with it, for a caller who registers the key. A
// client signs whatever its nats-server calls a nonce, this too: it must trust its server in any
// case.
std::string registration_text(const std::string& account, const std::string& public_key);

// A user name must begin with the account's own prefix, unless `before` (the credential that is
// rotated, null for a new one) has it; a public key of one's own needs its signature; a certificate
// is refused. Without effect for callers who are trusted with every account. Throws OperationError:
// usage, refused.
void check_registration(const OperationContext& context, const ProofRequest& request,
                        const auth::Credential& credential, const auth::Credential* before);

// As fail(), but does not name a credential that the caller may not see.
[[noreturn]] void refuse(const OperationContext& context, const store::Refused& refused);

}  // namespace gateway::operations
