#pragma once
// The authorization request: what nats-server asks about one connection attempt.
// Source: nats-io/jwt v2 `authorization_claims.go`; nats-server `auth_callout.go`; ADR-26.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/base/bytes.h"
#include "auth/base/result.h"
#include "auth/deny.h"
#include "auth/nats/nkey.h"
#include "auth/nats/xkey.h"

namespace auth {

// A request with a long chain of client certificates stays far below this.
inline constexpr std::size_t kMaxRequestBytes = 256 * 1024;

// What the client sent in its CONNECT, word for word: claims, none of them checked by the server.
struct ConnectOptions {
  std::string user;
  SecretText pass;
  SecretText auth_token;
  std::string nkey;  // "U…"
  std::string sig;   // over ClientInfo::nonce, in one of two base64 spellings
  SecretText jwt;    // only in operator mode, and for MQTT
  std::string lang;
  std::string version;
};

// What the server knows of the connection by itself.
struct ClientInfo {
  std::string host;      // the socket's address, no port
  std::uint64_t id = 0;  // the server's cid: with the server's id, what KICK needs
  std::string name;      // the client's own word
  std::string kind;      // "Client", "Leafnode"
  std::string type;      // "nats", "websocket", "mqtt"; empty for leafnodes
  std::string nonce;     // ASCII, as it was signed; absent where the server sent none
};

struct Server {
  PublicKey id;  // "N…"; fresh at each start of the server
  std::string name;
  std::string version;
  std::optional<PublicKey> xkey;
};

struct Request {
  Server server;
  PublicKey issuer;     // configuration mode: which of ours the server expects; operator mode: the
                        // callout account
  PublicKey user_nkey;  // fresh for each attempt; the subject of both JWTs of the answer
  ClientInfo client;
  ConnectOptions connect;
  std::string client_certificate;  // PEM, verified by the server; empty where it verifies none
  Time issued_at;
  Time expires_at;
};

// Opens what came under the header `Nats-Server-Xkey`. Drop: too_large, bad_seal.
Result<SecretText, Drop> unseal_request(std::string_view sealed, const PublicKey& server_xkey,
                                        SharedKeys& keys);

// What a request must be for this gateway to look at it.
struct Expected {
  std::span<const PublicKey> issuers;  // what `sub` may be
  // The key that opened the request, where it was sealed.
  std::optional<PublicKey> sealed_by;
  Time now;
  // A request is too old only beyond its `exp` and this: clocks differ, and a gateway whose clock
  // is a minute ahead must not lock everybody out.
  std::chrono::seconds leeway{30};
};

// `text`: the request JWT. Verifies that a nats-server made it for this gateway, and parses it
// once. Nothing in it proves *which* server made it; what protects the subject is that nobody but
// servers can publish on it. Everything under `connect` is the client's claim.
Result<Request, Drop> read_request(std::string_view text, const Expected& expected);

}  // namespace auth
