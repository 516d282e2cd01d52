#include "auth/decision/proof.h"

#include <algorithm>
#include <optional>

#include "auth/base/base64.h"
#include "auth/base/json.h"
#include "auth/credential/certificate_fingerprint.h"
#include "auth/credential/password_hash.h"
#include "auth/nats/jwt.h"
#include "auth/nats/subject.h"

namespace auth {
namespace {

// What the client presents beside the ticket of a sentinel, which proves nothing.
struct Offer {
  std::string_view nkey;
  std::string_view user;
  std::string_view pass;
  std::string_view token;
};

// Go, C, Java and Rust clients write base64url, Python and JavaScript ones padded base64. The two
// never spell different signatures alike: 64 bytes need padding in one and may not have it in the
// other.
std::optional<Signature> read_nonce_signature(std::string_view text) {
  constexpr std::size_t kMaxBytes = 88;
  if (text.size() > kMaxBytes) return std::nullopt;
  auto bytes = read_base64url(text);
  if (!bytes) bytes = read_base64(text);
  if (!bytes || bytes->size() != Signature{}.size()) return std::nullopt;
  Signature signature{};
  std::ranges::copy(*bytes, signature.begin());
  return signature;
}

// Without a nonce from the server a signature proves nothing: the client signed an empty text, and
// anyone who ever saw that signature has it too.
Result<SignatureProof, Denial> signature_by(std::string_view nkey, const Request& request) {
  if (request.connect.sig.empty() || request.client.nonce.empty()) {
    return Denial{Deny::no_proof};
  }
  const auto key = read_public_key(nkey, Prefix::user);
  if (!key) return malformed(Detail::user_nkey);
  const auto signature = read_nonce_signature(request.connect.sig);
  if (!signature) return malformed(Detail::nonce_signature);
  return SignatureProof{*key, request.client.nonce, *signature};
}

// Some clients present their credentials file by its nkey, even where the server takes no user JWT.
Result<Identity, Denial> presented_nkey(std::string_view nkey, const Request& request) {
  const auto proof = signature_by(nkey, request);
  if (!proof) return proof.error();
  return Identity{{{Kind::nkey, std::string(nkey)}, {Kind::creds, std::string(nkey)}}, *proof};
}

// The subject of the user JWT; the claims prove nothing that the signature over the nonce does not.
std::optional<std::string> subject_of(std::string_view user_jwt) {
  const auto jwt = read_jwt(user_jwt);
  if (!jwt) return std::nullopt;
  const auto claims = read_json_object(jwt->claims.view());
  if (!claims) return std::nullopt;
  return string_at(*claims, "sub");
}

Result<Identity, Denial> presented_creds(const std::string& subject, const Request& request) {
  const std::string& nkey = request.connect.nkey;
  if (!nkey.empty() && nkey != subject) return malformed(Detail::other_nkey);
  const auto proof = signature_by(subject, request);
  if (!proof) return proof.error();
  return Identity{{{Kind::creds, subject}}, *proof};
}

// The user beside it is what nats-server logs and lists, so it must be the one that signed.
Result<Identity, Denial> presented_signed(std::string_view user, std::string_view text) {
  const auto json = read_base64url(text);
  if (!json) return malformed(Detail::request_encoding);
  auto request = read_sigv4_request(text_of(*json));
  if (!request) return malformed(Detail::request_json);
  auto shown = auth::identify(std::move(*request));
  if (shown && shown->logins.front().text != user) return malformed(Detail::request_user);
  return shown;
}

// What could never have been stored is refused before the costly hash: a stranger learns nothing by
// it.
Result<Identity, Denial> presented_password(const Offer& offer) {
  if (offer.pass.starts_with(kSigV4Password)) {
    return presented_signed(offer.user, offer.pass.substr(kSigV4Password.size()));
  }
  if (has_id_form(offer.user)) {
    return Identity{{{Kind::key, std::string(offer.user)}}, SecretProof{offer.pass}};
  }
  if (!valid_login(offer.user)) return malformed(Detail::user_name);
  if (!valid_password(offer.pass)) return malformed(Detail::password);
  return Identity{{{Kind::password, std::string(offer.user)}}, PasswordProof{offer.pass}};
}

Result<Identity, Denial> presented_token(std::string_view token, const MasterKeys& keys) {
  if (token.size() > kMaxTokenBytes) return malformed(Detail::token_length);
  const std::string_view id = token.substr(0, token.find('.'));
  if (has_id_form(id) && id.size() < token.size()) {
    const std::string_view secret = token.substr(id.size() + 1);
    if (secret.find('.') != secret.npos) return malformed(Detail::token_form);
    return Identity{{{Kind::token, std::string(id)}}, SecretProof{secret}};
  }
  Identity identity{{}, LoginProof{}};
  for (const MasterKey& key : keys.all())
    identity.logins.push_back({Kind::token, key.token_login(token)});
  return identity;
}

Result<Identity, Denial> presented_certificate(std::string_view pem) {
  if (pem.empty()) return Denial{Deny::no_proof};
  const auto prints = read_certificate(pem);
  if (!prints) return malformed(Detail::certificate);
  return Identity{{{Kind::cert, certificate_login(prints->certificate)},
                   {Kind::cert, public_key_login(prints->public_key)}},
                  LoginProof{}};
}

}  // namespace

Result<Identity, Denial> identify(SigV4Request request) {
  auto evidence = read_evidence(request.head, request.service, request.region);
  if (!evidence) return evidence.error();
  std::vector<Login> logins = {{Kind::key, evidence->access_key}};
  return Identity{std::move(logins), SigV4Proof{std::move(request.head), std::move(*evidence)}};
}

Result<Identity, Denial> identify(const Request& request, const ServerMode& mode,
                                  const MasterKeys& keys) {
  const ConnectOptions& connect = request.connect;
  Offer offer{connect.nkey, connect.user, connect.pass.view(), connect.auth_token.view()};
  // In configuration mode a `jwt` is what an MQTT client gave as its password.
  if (mode.operator_mode && !connect.jwt.empty()) {
    const auto subject = subject_of(connect.jwt.view());
    if (!subject) return malformed(Detail::user_jwt);
    const bool ticket = std::ranges::find(mode.sentinels, *subject) != mode.sentinels.end();
    if (!ticket) return presented_creds(*subject, request);
    if (offer.nkey == *subject) offer.nkey = {};
    // MQTT has no other place for the ticket than the password.
    if (offer.pass == connect.jwt.view()) offer.pass = {};
    if (offer.token == connect.jwt.view()) offer.token = {};
  }
  if (!offer.nkey.empty()) return presented_nkey(offer.nkey, request);
  if (!offer.user.empty() && !offer.pass.empty()) return presented_password(offer);
  // A `user` alone is a token too: so clients read "nats://token@host".
  const std::string_view token = offer.token.empty() ? offer.user : offer.token;
  if (!token.empty()) return presented_token(token, keys);
  return presented_certificate(request.client_certificate);
}

}  // namespace auth
