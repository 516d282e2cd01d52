#pragma once
// What clients send to prove who they are, and what of it is judged.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "auth/base64.h"
#include "auth/json_read.h"
#include "auth/master_key.h"
#include "auth/presented.h"
#include "tests/unit/make_request.h"

namespace auth::made {

inline constexpr const char* kId = "CGAAAAAAAAAAAAAAAAAA";
inline constexpr const char* kOtherId = "CGBBBBBBBBBBBBBBBBBB";
// The client's signature over it has both letters in which the two alphabets differ.
inline constexpr const char* kNonce = "l0rCcd3X3Vzsg-Q";

inline MasterKey master(std::uint8_t fill) {
  std::array<std::uint8_t, 32> entropy{};
  entropy.fill(fill);
  return MasterKey{entropy};
}

// The gateway's, the newest first.
inline MasterKeys make_master_keys() {
  std::vector<MasterKey> list;
  list.push_back(master(2));
  list.push_back(master(1));
  return MasterKeys{std::move(list)};
}
inline const MasterKeys& master_keys() {
  static const MasterKeys kKeys = make_master_keys();
  return kKeys;
}

// The subject of the user JWT that only opens the way to the callout.
inline const KeyPair& sentinel() {
  static const KeyPair kKey = key(Prefix::user, 6);
  return kKey;
}

inline ServerMode operator_mode() {
  return {.operator_mode = true, .sentinels = {text(sentinel())}};
}

inline std::string user_jwt(const std::string& subject) {
  return write_jwt(Json{{"sub", subject}, {"nats", {{"type", "user"}}}}.dump(), issuer());
}

// As Go, C, Java and Rust clients write it.
inline std::string url_form(const KeyPair& by = client(), std::string_view nonce = kNonce) {
  return write_base64url(by.sign(nonce));
}

// As Python and JavaScript clients write it.
inline std::string padded_form(const KeyPair& by = client()) {
  std::string text = url_form(by) + "==";
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  return text;
}

inline Json nkey_opts(const std::string& sig) {
  return {{"nkey", text(client())}, {"sig", sig}, {"protocol", 1}};
}

inline Json joined(Json one, const Json& other) {
  one.update(other);
  return one;
}

inline std::string certificate(const std::string& name) {
  std::ifstream file{CREDGATE_SOURCE_DIR "/tests/vectors/certificates/" + name};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// What the server says of a client whose certificate it has verified.
inline Json verified(const std::string& pem) {
  const Json chain = Json::array({pem, certificate("ed25519.pem")});
  return {{"version", "1.3"}, {"verified_chains", Json::array({chain})}};
}

// What the openssl command prints of p-256.pem, in our spelling.
inline constexpr const char* kCertificateLogin =
    "sha256:ba17e3b962eb4337bc07a838ab893aa8875640b444e7ec0b5757194bc0805d92";
inline constexpr const char* kPublicKeyLogin =
    "spki-sha256:e1249c119ad025143c892180d8074de389d426150227dfe22a0aa1d057923018";

// What a row of a table expects: all that matters of what was presented as one text, such as
// "key CGAA… by secret s3cret", or the word of the refusal.
inline std::string seen(const Result<Presented, Deny>& shown) {
  if (!shown) return std::string(name(shown.error()));
  std::string text;
  for (const Login& login : shown->logins)
    text += (text.empty() ? "" : " or ") + std::string(name(login.kind)) + " " + login.text;
  if (const auto* secret = std::get_if<SecretProof>(&shown->proof)) {
    return text + " by secret " + std::string(secret->secret);
  }
  if (const auto* password = std::get_if<PasswordProof>(&shown->proof)) {
    return text + " by password " + std::string(password->password);
  }
  if (const auto* proof = std::get_if<SignatureProof>(&shown->proof)) {
    const bool whole = write_public_key(proof->key) == shown->logins.front().text;
    return text + (whole ? " by signature over " : " by another's signature over ") +
           std::string(proof->nonce);
  }
  return text + " by itself";
}

inline std::string seen(const Request& request, const ServerMode& mode = {}) {
  return seen(presented(request, mode, master_keys()));
}

inline std::string seen_token(const std::string& token) {
  return "token " + master(2).token_login(token) + " or token " + master(1).token_login(token) +
         " by itself";
}

inline std::string seen_nkey(const KeyPair& pair = client()) {
  return "nkey " + text(pair) + " or creds " + text(pair) + " by signature over " + kNonce;
}

inline std::string seen_creds(const KeyPair& pair = client()) {
  return "creds " + text(pair) + " by signature over " + kNonce;
}

inline std::string seen_certificate() {
  return std::string("cert ") + kCertificateLogin + " or cert " + kPublicKeyLogin + " by itself";
}

}  // namespace auth::made
