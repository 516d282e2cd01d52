#pragma once
// Who asks, read from an authorization request that nobody has verified: for the order of a queue,
// and for nothing else. It costs a fraction of verifying the request.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "auth/base/secret.h"

namespace auth {

// The members of auth::Request that a client has in common with its next attempt.
struct PeekedRequest {
  std::string host;
  std::string user;
  std::string nkey;
  SecretText auth_token;
  SecretText jwt;
  // How long the server waits, as it announces it; absent where it is not found.
  std::optional<std::chrono::seconds> timeout;
};

// `text`: the request JWT. What is not found stays empty: the JSON must be written as nats-server
// writes it, without white space.
PeekedRequest peek_request(std::string_view text);

}  // namespace auth
