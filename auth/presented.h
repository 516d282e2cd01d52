#pragma once
// Which credential a client presents, and with what proof. Exactly one proof is judged, by the
// first rule that applies; a failed one never falls through to another.

#include <string>
#include <string_view>
#include <variant>

#include "auth/credential.h"
#include "auth/deny.h"
#include "auth/request.h"
#include "auth/result.h"

namespace auth {

// A generated secret beside the id it belongs to. The view is into the request.
struct SecretProof {
  std::string_view secret;
};

// A signature over the server's nonce; the key itself is the login.
struct SignatureProof {
  PublicKey key;
  std::string_view nonce;
  Signature signature;
};

struct Presented {
  Kind kind = Kind::key;
  std::string login;  // key: the id; nkey: "U…"
  std::variant<SecretProof, SignatureProof> proof;
};

// Configuration mode. The request must outlive what is given. `client_info.user` is never used: it
// is whatever the client claimed first. Deny: no_proof (nothing that can be judged), malformed (a
// proof that no client writes so), unknown_credential (a proof of a kind that no stored credential
// has).
Result<Presented, Deny> presented(const Request& request);

}  // namespace auth
