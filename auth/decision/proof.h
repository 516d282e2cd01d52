#pragma once
// Identifies the credential that a client presents, and its proof. Exactly one proof is judged, by
// the first rule that applies; a failed proof never falls through to another.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/base/result.h"
#include "auth/credential/credential.h"
#include "auth/credential/master_key.h"
#include "auth/deny.h"
#include "auth/nats/auth_request.h"
#include "auth/sigv4/proxy_request.h"

namespace auth {

// A generated secret, presented with its id. The view is into the request.
struct SecretProof {
  std::string_view secret;
};

// A password, presented with a user name. The view is into the request.
struct PasswordProof {
  std::string_view password;
  // The stored hash that this password is already known to fit: then nothing is hashed, and only
  // the secret that is stored as just this hash fits. Empty: what is stored is hashed against.
  std::string_view proved{};
};

// A signature over the server's nonce; the key itself is the login.
struct SignatureProof {
  PublicKey key;
  std::string_view nonce;
  Signature signature;
};

// The login itself is the proof: the keyed hash of an opaque token, or the fingerprint of a
// certificate that the server verified.
struct LoginProof {};

// An HTTP request that was signed with the secret (signature.h).
struct SigV4Proof {
  HttpHead head;
  SigEvidence evidence;
};

inline constexpr std::size_t kMaxTokenBytes = 4096;

struct Login {
  Kind kind = Kind::key;
  std::string text;  // key and token: the id; otherwise as in StoredSecret
  bool operator==(const Login&) const = default;
};

struct Identity {
  // The logins of this proof, never empty; the first one that has a credential counts.
  std::vector<Login> logins;
  std::variant<SecretProof, PasswordProof, SignatureProof, SigV4Proof, LoginProof> proof;
};

// How the nats-servers of this gateway are configured.
struct ServerMode {
  bool operator_mode = false;
  // Operator mode: the subjects (U…) of the sentinels' user JWTs, which only lead to the callout.
  std::vector<std::string> sentinels;
};

// Applies these rules in order. The result borrows from the request.
//
//   a user JWT with its signature   operator mode, and not a sentinel's       creds
//   an nkey with its signature      not a sentinel's own                      nkey, creds
//   user and password               the password is a signed request          key
//                                   the user has the form of an id            key
//                                   any other                                 password
//   a token, or a user alone        "<id>.<secret>"                           token
//                                   any other text                            token (opaque)
//   a certificate                   verified by the server                    cert
//
// `client_info.user` is never used: the client chooses it freely. Deny: no_proof (nothing to
// judge), malformed (a proof in a form that no client sends, with its detail), and those of
// read_evidence() for a signed request.
Result<Identity, Denial> identify(const Request& request, const ServerMode& mode,
                                  const MasterKeys& keys);

// A signed request that does not open a connection. Deny: as read_evidence().
Result<Identity, Denial> identify(SigV4Request request);

}  // namespace auth
