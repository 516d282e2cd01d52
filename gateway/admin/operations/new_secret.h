#pragma once
// How a credential proves itself: what is stored of it, and what its owner is given.

#include <string>

#include "auth/base/bytes.h"
#include "auth/credential/credential.h"
#include "gateway/admin/operations/context.h"

namespace gateway {

// What an operator brings along; all empty where everything is made here.
struct ProofRequest {
  std::string login;           // kind password: the user name
  auth::SecretText password;   // kind password
  std::string public_key;      // kind nkey: "U…"
  std::string certificate;     // kind cert: in PEM
  std::string fingerprint;     // kind cert, instead of it
  bool by_public_key = false;  // kind cert: the certificate's public key is what counts
};

// Takes the member `proof` of a body, and leaves no secret in it. Throws OperationError (usage).
ProofRequest take_proof_request(nlohmann::json& body);

// What a new credential's owner needs to connect. Empty where it does not apply, or where the owner
// brought it.
struct Proof {
  std::string login;  // password: the user name; nkey, creds: the public key; cert: fingerprint
  auth::SecretText secret;  // key; password, where it was made here
  auth::SecretText token;   // token, in full
  auth::SecretText seed;    // nkey
  auth::SecretText creds;   // creds: the credentials file
};

// Appends to the credential's secrets what is kept. `login`: the user name, where the request does
// not say it. A password takes its hash. Throws OperationError (usage), ConfigError.
Proof make_proof(const OperationContext& context, const ProofRequest& request,
                 const std::string& login, auth::Credential& credential);

}  // namespace gateway
