#pragma once
// Who asks, read from an authorization request that nobody has verified: for the order of a queue,
// and for nothing else. What a look costs does not depend on the request: a client may make it
// hundreds of times as long as others, since nats-server writes six letters for a "<" of a name,
// and the name twice.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "auth/base/secret.h"

namespace auth {

// Of the decoded claims only the beginning is looked at. Before the client's host stands what a
// server and its operator say, some 700 bytes.
inline constexpr std::size_t kPeekedClaims = 3072;
// So much of a request's text has it: 4 letters for 3 bytes, and the JWT's header.
inline constexpr std::size_t kPeekedText = kPeekedClaims / 3 * 4 + 256;

// The members of auth::Request that a client has in common with its next attempt.
struct PeekedRequest {
  static constexpr std::size_t kMaxValue = 256;

  std::string host;
  // As they stand there, escapes included, at most kMaxValue bytes of each. Those that do not begin
  // so far in front are empty.
  std::string user;
  std::string nkey;
  SecretText auth_token;
  SecretText jwt;
  // How long the server waits, as it announces it; absent where it is not found.
  std::optional<std::chrono::seconds> timeout;
};

// `text`: the request JWT, or its first kPeekedText bytes. What is not found stays empty: the JSON
// must be written as nats-server writes it, without white space, and with the host before whatever
// the client chooses.
PeekedRequest peek_request(std::string_view text);
// `claims`: the decoded ones, of which the same is looked at.
PeekedRequest peek_claims(std::string_view claims);

// The id of the server that wrote it, unverified; empty where it is not found. Decodes the
// beginning alone, where nats-server writes it.
std::string peek_server_id(std::string_view text);

}  // namespace auth
