#pragma once
// What a new credential's owner needs to connect, ready to paste.

#include <string>

#include "auth/bytes.h"
#include "auth/credential.h"

namespace gateway::cli {

// What the client proves itself with; only one of secret and seed, neither for a registered key.
struct Proof {
  auth::SecretText secret;
  auth::SecretText seed;
  std::string public_key;
};

std::string connect_lines(const auth::Credential& credential, const Proof& proof);
// One line: {"credential":…, "secret"|"seed":…, "inbox_prefix":…}
std::string connect_json(const auth::Credential& credential, const Proof& proof);

}  // namespace gateway::cli
