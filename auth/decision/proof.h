#pragma once
// Which credential a client presents, and with what proof. Exactly one proof is judged, by the
// first rule that applies; a failed one never falls through to another.

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

// A generated secret beside the id it belongs to. The view is into the request.
struct SecretProof {
  std::string_view secret;
};

// A password beside a user name. The view is into the request.
struct PasswordProof {
  std::string_view password;
};

// A signature over the server's nonce; the key itself is the login.
struct SignatureProof {
  PublicKey key;
  std::string_view nonce;
  Signature signature;
};

// Only who has the proof can present the login: the keyed hash of an opaque token, the fingerprint
// of a certificate that the server verified.
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
  // The names that this one proof goes by, never empty; the first that leads to a credential
  // counts.
  std::vector<Login> logins;
  std::variant<SecretProof, PasswordProof, SignatureProof, SigV4Proof, LoginProof> proof;
};

// How the servers of this gateway are set up.
struct ServerMode {
  bool operator_mode = false;
  // Operator mode: the subjects (U…) of the user JWTs that only open the way to the callout.
  std::vector<std::string> sentinels;
};

// The rules, in this order; the request must outlive what is given:
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
// `client_info.user` is never used: it is whatever the client claimed first. Deny: no_proof
// (nothing that can be judged), malformed (a proof that no client writes so), and what
// read_evidence() says of a signed request.
Result<Identity, Deny> identify(const Request& request, const ServerMode& mode,
                                const MasterKeys& keys);

// A signed request that is no connection. Deny: as read_evidence().
Result<Identity, Deny> identify(SigV4Request request);

}  // namespace auth
