#include "tests/support/make_proof.h"

#include "auth/base/text.h"

namespace auth::made {

MasterKey master(std::uint8_t fill) {
  std::array<std::uint8_t, 32> entropy{};
  entropy.fill(fill);
  return MasterKey{entropy};
}

MasterKeys make_master_keys() {
  std::vector<MasterKey> list;
  list.push_back(master(2));
  list.push_back(master(1));
  return MasterKeys{std::move(list)};
}

const MasterKeys& master_keys() {
  static const MasterKeys kKeys = make_master_keys();
  return kKeys;
}

const KeyPair& sentinel() {
  static const KeyPair kKey = key(Prefix::user, 6);
  return kKey;
}

ServerMode operator_mode() {
  return {.operator_mode = true, .sentinels = {text(sentinel())}};
}

std::string user_jwt(const std::string& subject) {
  return write_jwt(Json{{"sub", subject}, {"nats", {{"type", "user"}}}}.dump(), issuer());
}

std::string url_form(const KeyPair& by, std::string_view nonce) {
  return write_base64url(by.sign(nonce));
}

std::string padded_form(const KeyPair& by) {
  std::string text = url_form(by) + "==";
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  return text;
}

Json nkey_opts(const std::string& sig) {
  return {{"nkey", text(client())}, {"sig", sig}, {"protocol", 1}};
}

Json joined(Json one, const Json& other) {
  one.update(other);
  return one;
}

std::string certificate(const std::string& name) {
  std::ifstream file{CREDGATE_SOURCE_DIR "/tests/vectors/certificates/" + name};
  return {std::istreambuf_iterator<char>{file}, {}};
}

Json verified(const std::string& pem) {
  const Json chain = Json::array({pem, certificate("ed25519.pem")});
  return {{"version", "1.3"}, {"verified_chains", Json::array({chain})}};
}

std::string seen(const Denial& denial) {
  const std::string reason{name(denial.reason)};
  const std::string detail{name(denial.detail)};
  return detail.empty() ? reason : reason + ": " + detail;
}

std::string seen(const Result<Identity, Denial>& shown) {
  if (!shown) return seen(shown.error());
  const std::string text = join(shown->logins, " or ", [](const Login& login) {
    return std::string(name(login.kind)) + " " + login.text;
  });
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

std::string seen(const Request& request, const ServerMode& mode) {
  return seen(identify(request, mode, master_keys()));
}

std::string seen_token(const std::string& token) {
  return "token " + master(2).token_login(token) + " or token " + master(1).token_login(token) +
         " by itself";
}

std::string seen_nkey(const KeyPair& pair) {
  return "nkey " + text(pair) + " or creds " + text(pair) + " by signature over " + kNonce;
}

std::string seen_creds(const KeyPair& pair) {
  return "creds " + text(pair) + " by signature over " + kNonce;
}

std::string seen_certificate() {
  return std::string("cert ") + kCertificateLogin + " or cert " + kPublicKeyLogin + " by itself";
}

}  // namespace auth::made
