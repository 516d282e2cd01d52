#pragma once
// Makes the secret of a credential: what is stored, and what its owner gets.

#include <string>

#include "auth/base/secret.h"
#include "auth/credential/credential.h"
#include "gateway/admin/operations/context.h"

namespace gateway {

// What the operator provides; all empty if everything is generated here.
struct ProofRequest {
  std::string login;           // kind password: the user name
  auth::SecretText password;   // kind password
  std::string public_key;      // kind nkey: "U…"
  std::string signature;       // kind nkey: shows that the key is the client's (confined.h)
  std::string certificate;     // kind cert: in PEM
  std::string fingerprint;     // kind cert, instead of it
  bool by_public_key = false;  // kind cert: compare only the certificate's public key
};

// Takes the member `proof` from a body, and wipes the secrets there. Throws OperationError (usage).
ProofRequest take_proof_request(nlohmann::json& body);

// What the owner of a new credential needs to connect. Empty if it does not apply, or if the owner
// provided it.
struct Proof {
  std::string login;  // password: the user name; nkey, creds: the public key; cert: fingerprint
  auth::SecretText secret;  // key; password, if it was generated here
  auth::SecretText token;   // token, in full
  auth::SecretText seed;    // nkey
  auth::SecretText creds;   // creds: the credentials file
  std::string warning{};    // about what the operator provided
};

// Appends the stored form to the credential's secrets. `login`: the user name, if the request does
// not have it. A password costs a slow hash. Throws OperationError (usage), ConfigError.
Proof make_proof(const OperationContext& context, const ProofRequest& request,
                 const std::string& login, auth::Credential& credential);

}  // namespace gateway
