#pragma once
// A credentials file: a user JWT and the seed of its subject, as every NATS client reads it.
// Source: nats-io/jwt v2 `creds_utils.go`.

#include <optional>
#include <string>
#include <string_view>

#include "auth/base/secret.h"
#include "auth/nats/nkey.h"

namespace auth {

inline constexpr std::size_t kMaxCredsBytes = 64 * 1024;

struct Creds {
  std::string user_jwt;
  KeyPair key;
};

// Absent unless both blocks are present and the seed is a user's.
std::optional<Creds> read_creds(std::string_view text);
SecretText write_creds(std::string_view user_jwt, const KeyPair& key);

}  // namespace auth
