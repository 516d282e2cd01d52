#include "auth/nats/auth_request.h"

#include <algorithm>

#include "auth/base/json.h"
#include "auth/nats/jwt.h"

namespace auth {
namespace {

constexpr std::string_view kAudience = "nats-authorization-request";
constexpr std::string_view kType = "authorization_request";
constexpr std::int64_t kRequestVersion = 2;

ClientInfo read_client(const Json& info) {
  const Json& id = member(info, "id");
  return {.host = string_at(info, "host"),
          .id = id.is_number_unsigned() ? id.get<std::uint64_t>() : 0,
          .name = string_at(info, "name"),
          .kind = string_at(info, "kind"),
          .type = string_at(info, "type"),
          .nonce = string_at(info, "nonce")};
}

// Null where there is no such object.
Json* object_at(Json* parent, const char* key) {
  if (parent == nullptr) return nullptr;
  const auto at = parent->find(key);
  return at != parent->end() && at->is_object() ? &*at : nullptr;
}

ConnectOptions take_connect(Json& claims) {
  Json* const nats = object_at(&claims, "nats");
  // Servers up to 2.10.27 repeat a client's token here.
  if (Json* info = object_at(nats, "client_info")) static_cast<void>(take_secret(*info, "user"));
  Json* const at = object_at(nats, "connect_opts");
  if (at == nullptr) return {};
  Json& options = *at;
  return {.user = string_at(options, "user"),
          .pass = take_secret(options, "pass"),
          .auth_token = take_secret(options, "auth_token"),
          .nkey = string_at(options, "nkey"),
          .sig = string_at(options, "sig"),
          .jwt = take_secret(options, "jwt"),
          .lang = string_at(options, "lang"),
          .version = string_at(options, "version")};
}

// The leaf of the first chain. `client_tls.certs` is what the server did not verify, and no proof.
std::string client_certificate(const Json& nats) {
  const Json& chains = member(member(nats, "client_tls"), "verified_chains");
  if (!chains.is_array() || chains.empty()) return "";
  const Json& chain = chains.front();
  if (!chain.is_array() || chain.empty() || !chain.front().is_string()) return "";
  return chain.front().get<std::string>();
}

// Bounded, so that no sum or difference with it overflows.
std::optional<Time> moment_at(const Json& claims, const char* key) {
  const auto seconds = integer_at(claims, key);
  if (!seconds || *seconds < 0 || *seconds > (std::int64_t{1} << 40)) return std::nullopt;
  return Time{std::chrono::seconds{*seconds}};
}

// Absent where the server's part is not what a server writes.
std::optional<Server> read_server(const Json& server, const PublicKey& issuer) {
  const auto id = read_public_key(string_at(server, "id"), Prefix::server);
  if (!id || *id != issuer) return std::nullopt;
  return Server{.id = *id,
                .name = string_at(server, "name"),
                .version = string_at(server, "version"),
                .xkey = read_public_key(string_at(server, "xkey"), Prefix::curve)};
}

std::optional<Drop> check_claims(const Json& claims, const Expected& expected) {
  if (string_at(claims, "aud") != kAudience) return Drop::wrong_audience;
  const auto sub = read_public_key(string_at(claims, "sub"), Prefix::account);
  if (!sub || std::ranges::find(expected.issuers, *sub) == expected.issuers.end()) {
    return Drop::wrong_subject;
  }
  const Json& nats = member(claims, "nats");
  if (string_at(nats, "type") != kType || integer_at(nats, "version") != kRequestVersion) {
    return Drop::malformed;
  }
  const auto exp = moment_at(claims, "exp");
  if (!exp) return Drop::malformed;
  if (expected.captured) return std::nullopt;
  if (expected.now > *exp + expected.leeway) return Drop::expired;
  if (moment_at(claims, "iat").value_or(Time{}) > expected.now + expected.leeway) {
    return Drop::not_yet_valid;
  }
  return std::nullopt;
}

// `jwt`: where the claims are from; null for those that came alone.
Result<Request, Drop> read(std::string_view text, const Jwt* jwt, const Expected& expected) {
  auto claims = read_json_object(text);
  if (!claims) return Drop::malformed;
  // Before anything is judged: the secrets of what is dropped are wiped too.
  ConnectOptions connect = take_connect(*claims);

  // Self-signed: the key is named inside. It proves that one server wrote all of it, and that the
  // server's id is its own.
  const auto issuer = read_public_key(string_at(*claims, "iss"), Prefix::server);
  if (!issuer) return Drop::wrong_issuer;
  if (jwt != nullptr && !verify(*jwt, *issuer)) return Drop::bad_signature;
  if (const auto drop = check_claims(*claims, expected)) return *drop;

  const Json& nats = member(*claims, "nats");
  auto server = read_server(member(nats, "server_id"), *issuer);
  if (!server) return Drop::wrong_issuer;
  if (expected.sealed_by && server->xkey != expected.sealed_by) return Drop::bad_seal;
  const auto user = read_public_key(string_at(nats, "user_nkey"), Prefix::user);
  if (!user) return Drop::malformed;
  return Request{.server = std::move(*server),
                 .issuer = *read_public_key(string_at(*claims, "sub"), Prefix::account),
                 .user_nkey = *user,
                 .client = read_client(member(nats, "client_info")),
                 .connect = std::move(connect),
                 .client_certificate = client_certificate(nats),
                 .issued_at = moment_at(*claims, "iat").value_or(Time{}),
                 .expires_at = *moment_at(*claims, "exp"),
                 .peeked = peek_claims(text)};
}

}  // namespace

Result<SecretText, Drop> unseal_request(std::string_view sealed, const PublicKey& server_xkey,
                                        SharedKeys& keys) {
  if (sealed.size() > kMaxRequestBytes + kSealOverhead) return Drop::too_large;
  const SharedKey* key = keys.with(server_xkey);
  if (key == nullptr) return Drop::bad_seal;
  auto plain = key->open(sealed);
  if (!plain) return Drop::bad_seal;
  return std::move(*plain);
}

Result<Request, Drop> read_request(std::string_view text, const Expected& expected) {
  if (text.size() > kMaxRequestBytes) return Drop::too_large;
  const auto jwt = read_jwt(text);
  if (!jwt) return Drop::malformed;
  return read(jwt->claims.view(), &*jwt, expected);
}

Result<Request, Drop> read_claims(std::string_view claims, const Expected& expected) {
  if (claims.size() > kMaxRequestBytes) return Drop::too_large;
  return read(claims, nullptr, expected);
}

}  // namespace auth
