#pragma once
// The envelope of a NATS JWT v2: base64url(header) "." base64url(claims) "." base64url(Ed25519
// signature over the first two with their dot). The claims are not interpreted here.
// Source: nats-io/jwt v2 `claims.go`, `header.go`.

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "auth/base/secret.h"
#include "auth/nats/nkey.h"
#include "auth/nats/permissions.h"

namespace auth {

struct Jwt {
  SecretText claims;             // the decoded JSON text; a request's holds passwords
  std::string_view signed_part;  // into the text that was read
  Signature signature{};
};

// Three strict base64url parts whose header is {"typ":"JWT","alg":"ed25519-nkey"} (both in any
// case, alg also "ed25519", other members ignored, as the server reads it) in at most 256
// characters. Absent otherwise. The caller bounds the size of `text`. The result borrows from
// `text`. The signature is not verified.
std::optional<Jwt> read_jwt(std::string_view text);

bool verify(const Jwt& jwt, const PublicKey& issuer);

// `pub` or `sub` of user claims. nats-server takes an absent allow list as everything, so an empty
// list is written as a deny of everything. expand() never leaves a list empty without a deny; this
// also fails closed for permissions made another way.
nlohmann::json write_subject_lists(const SubjectLists& lists);

// `claims`: a JSON object's text, signed byte for byte as it is.
std::string write_jwt(std::string_view claims, const KeyPair& issuer);

}  // namespace auth
