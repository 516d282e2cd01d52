#pragma once
// The answer to a request: a user JWT inside an authorization response JWT, or a refusal.
// Source: nats-io/jwt v2 `authorization_claims.go`, `user_claims.go`; nats-server
// `auth_callout.go`.

#include <optional>
#include <string>

#include "auth/bytes.h"
#include "auth/nkey.h"
#include "auth/permissions.h"
#include "auth/request.h"

namespace auth {

// A connection that is let in: where to, as whom, until when, with what.
struct Grant {
  std::string id;       // becomes the NATS user name, by which its connections are found again
  std::string account;  // configuration mode: the account's name
  Permissions permissions;
  std::optional<Time> until;
};

// The response JWT that lets the request's client in. No `nbf`: clocks differ.
std::string write_grant(const Request& request, const Grant& grant, Time now,
                        const KeyPair& issuer);

// The response JWT that refuses it. It holds one constant word: nats-server logs it and publishes
// it in the callout account, and must not help who guesses.
std::string write_refusal(const Request& request, Time now, const KeyPair& issuer);

}  // namespace auth
