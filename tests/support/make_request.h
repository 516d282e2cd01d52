#pragma once
// A request as a nats-server would make it, in parts that a test may break.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "auth/nats/auth_request.h"
#include "auth/nats/jwt.h"

namespace auth::made {

using Claims = nlohmann::json;

inline constexpr Time kNow{std::chrono::seconds{1'800'000'000}};

// A key of its own for each `fill`.
KeyPair key(Prefix prefix, std::uint8_t fill);

const KeyPair& server();
const KeyPair& issuer();
inline const KeyPair& client() {  // one that connects with an nkey
  static const KeyPair kKey = key(Prefix::user, 3);
  return kKey;
}

std::string text(const KeyPair& pair);

// Of a client with user and password.
Claims claims();

// The good claims with another value, or without one; `at` is a JSON pointer.
Claims with(const char* at, Claims value);
Claims without(const char* at);

std::string sign(const Claims& claims);

Expected expected();

// Throws where the claims are refused.
Request request(const Claims& claims);

// The request of a client that sent this CONNECT to a server that gave it this nonce and says this
// of its TLS.
Request request_of(const Claims& connect_opts, const std::string& nonce = "",
                   const Claims& client_tls = nullptr);

}  // namespace auth::made
