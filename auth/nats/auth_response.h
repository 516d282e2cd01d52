#pragma once
// The answer to a request: a user JWT inside an authorization response JWT, or a refusal.
// Source: nats-io/jwt v2 `authorization_claims.go`, `user_claims.go`; nats-server
// `auth_callout.go`.

#include <optional>
#include <string>
#include <vector>

#include "auth/base/time.h"
#include "auth/nats/auth_request.h"
#include "auth/nats/nkey.h"
#include "auth/nats/permissions.h"

namespace auth {

// A grant: the account, the user, the expiry and the permissions of a connection.
struct Grant {
  std::string id;  // becomes the NATS user name, by which its connections are found
  std::string account;
  Permissions permissions;
  std::optional<Time> until;
  // For the log, and in no answer: what the credential would be allowed, had its templates values;
  // each with the reason.
  std::vector<std::string> dropped{};
  bool operator==(const Grant&) const = default;
};

// The signer. Borrows the key.
struct Signer {
  const KeyPair& key;
  // Operator mode: the account (A…) that has `key` among its signing keys; absent where the key is
  // the account's own, and in configuration mode, whose servers refuse it.
  std::optional<PublicKey> issuer_account{};
};

// The account that a user JWT names.
struct Target {
  Signer signer;
  // Configuration mode: the account's name. In operator mode it is the signer's account, and this
  // is empty.
  std::string audience;
  // `signer` is a scoped signing key: the account's template has permissions and limits, and
  // nats-server refuses a user JWT that brings its own.
  bool scoped = false;
};

// The response JWT that lets the request's client in. No `nbf`: clocks differ.
std::string write_grant(const Request& request, const Grant& grant, Time now, const Signer& callout,
                        const Target& target);

// The response JWT that refuses the client. Its error is one constant word: nats-server logs it and
// publishes it in the callout account, where it must not help an attacker who guesses.
std::string write_refusal(const Request& request, Time now, const Signer& callout);

}  // namespace auth
