#pragma once
// The authorization request that nats-server sends for one connection attempt.
// Source: nats-io/jwt v2 `authorization_claims.go`; nats-server `auth_callout.go`; ADR-26.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/base/result.h"
#include "auth/base/secret.h"
#include "auth/base/time.h"
#include "auth/deny.h"
#include "auth/nats/nkey.h"
#include "auth/nats/peek_request.h"
#include "auth/nats/xkey.h"

namespace auth {

// A request with a long chain of client certificates stays far below this.
inline constexpr std::size_t kMaxRequestBytes = 256 * 1024;

// What the client sent in its CONNECT, unchanged: claims that the server has not checked.
struct ConnectOptions {
  std::string user;
  SecretText pass;
  SecretText auth_token;
  std::string nkey;  // "U…"
  std::string sig;   // over ClientInfo::nonce, in one of two base64 alphabets
  SecretText jwt;    // only in operator mode, and for MQTT
  std::string lang;
  std::string version;
};

// What the server itself knows about the connection.
struct ClientInfo {
  std::string host;      // the socket's address, no port
  std::uint64_t id = 0;  // the server's cid: with the server's id, what KICK needs
  std::string name;      // as the client claims
  std::string kind;      // "Client", "Leafnode"
  std::string type;      // "nats", "websocket", "mqtt"; empty for leafnodes
  std::string nonce;     // ASCII, as it was signed; empty if the server sent none
};

struct Server {
  PublicKey id;  // "N…"; fresh at each start of the server
  std::string name;
  std::string version;
  std::optional<PublicKey> xkey;
};

struct Request {
  Server server;
  PublicKey issuer;  // configuration mode: the issuer that the server expects; operator mode: the
                     // callout account
  PublicKey user_nkey;  // fresh for each attempt; the subject of both JWTs of the answer
  ClientInfo client;
  ConnectOptions connect;
  std::string client_certificate;  // PEM, verified by the server; empty if it verifies none
  Time issued_at;
  Time expires_at;
  PeekedRequest peeked{};  // what a look into it finds, by which its next attempt is recognized
};

// Opens a request that came with the header `Nats-Server-Xkey`. Drop: too_large, bad_seal.
Result<SecretText, Drop> unseal_request(std::string_view sealed, const PublicKey& server_xkey,
                                        SharedKeys& keys);

// What this gateway demands of a request.
struct Expected {
  std::span<const PublicKey> issuers;  // the accepted values of `sub`
  // The key that opened the request, if it was sealed.
  std::optional<PublicKey> sealed_by;
  Time now;
  // A request is too old if its `exp` is longer ago than this, and not yet valid if its `iat` is
  // further ahead: clocks differ a little. By a clock that is wrong by more, credentials would be
  // used before and after their time.
  std::chrono::seconds leeway{30};
  bool captured = false;  // it was kept for support: it may be of any age
};

// `text`: the request JWT. Verifies that a nats-server made it for this gateway, and parses it
// once. Nothing in it proves *which* server made it; the subject is protected because only servers
// can publish to it. Everything under `connect` is the client's claim.
Result<Request, Drop> read_request(std::string_view text, const Expected& expected);

// `claims`: those of a captured request, as JSON. As read_request(), but nothing shows who wrote
// them: never for a request that is answered.
Result<Request, Drop> read_claims(std::string_view claims, const Expected& expected);

}  // namespace auth
