#include "gateway/cli/proofs.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "auth/certificate.h"
#include "auth/creds_file.h"
#include "auth/nkey.h"
#include "auth/password.h"
#include "auth/setup_jwt.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using auth::Kind;
using auth::Scheme;
using auth::StoredSecret;

std::string read_file(const std::string& option, const std::string& file, std::size_t most) {
  std::ifstream in;
  if (file != "-") {
    in.open(file, std::ios::binary);
    if (!in) throw Failure(Code::fault, option + " " + file + ": " + std::strerror(errno));
  }
  std::istream& from = file == "-" ? std::cin : in;
  std::string text(most + 1, '\0');
  from.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(from.gcount()));
  if (text.size() > most) throw Failure(Code::usage, option + " " + file + ": is too long");
  return text;
}

auth::SecretText read_password(const std::string& file) {
  constexpr std::size_t kLineEnd = 2;
  std::string text = read_file("--password-file", file, auth::kMaxPasswordBytes + kLineEnd);
  while (text.ends_with('\n') || text.ends_with('\r'))
    text.pop_back();
  const bool good = auth::may_become_password(text);
  auth::SecretText password{text};
  auth::wipe(text.data(), text.size());
  if (!good) {
    throw Failure(Code::usage, std::string("--password-file: its one line ") + auth::kPasswordRule);
  }
  return password;
}

std::string read_certificate_login(const std::string& file, bool by_public_key) {
  const auto prints = auth::read_certificate(read_file("--cert", file, auth::kMaxCertificateBytes));
  if (!prints) {
    throw Failure(Code::usage, "--cert " + file +
                                   ": must hold the client's certificate in PEM, -----BEGIN "
                                   "CERTIFICATE-----, first of a chain");
  }
  return by_public_key ? auth::public_key_login(prints->public_key)
                       : auth::certificate_login(prints->certificate);
}

std::string read_fingerprint_login(const std::string& text) {
  const auto login = auth::read_fingerprint(text);
  if (login) return *login;
  throw Failure(Code::usage,
                "--fingerprint: must be sha256:… or spki-sha256:… with 64 hexadecimal digits, or "
                "what `openssl x509 -noout -fingerprint -sha256` prints");
}

StoredSecret& keep(Credential& credential, Scheme scheme) {
  return credential.secrets.emplace_back(StoredSecret{.scheme = scheme, .created_at = clock_now()});
}

void refuse_seed(const std::string& public_key) {
  if (auth::read_public_key(public_key, auth::Prefix::user)) return;
  throw Failure(Code::usage, "--public-key: must be a user nkey, 56 characters that begin with U" +
                                 std::string(public_key.starts_with("SU")
                                                 ? "; this is a seed, which nobody but the client "
                                                   "should have: replace it"
                                                 : ""));
}

}  // namespace

void ProofOptions::add(Command& command) {
  command.group("How it proves itself");
  command.text("--login", "USER", "kind password: the user name (default: NAME)", login_);
  command.text(
      "--password-file", "FILE",
      "kind password: take the password from here, - for standard input, instead of making "
      "one",
      password_file_);
  command.text("--public-key", "U…", "kind nkey: register this key instead of making one",
               public_key_);
  command.text("--cert", "FILE", "kind cert: the client's certificate, in PEM", cert_file_);
  command.text("--fingerprint", "TEXT", "kind cert: its SHA-256 fingerprint, instead of --cert",
               fingerprint_);
  command.flag("--by-public-key",
               "kind cert: --cert's public key is what counts, so that it may be renewed",
               by_public_key_);
}

void ProofOptions::read_keys(const Context& context) {
  keys_ = std::make_shared<const Keys>(load_keys(load_config(context.config)));
}

void ProofOptions::read() {
  if (!password_file_.empty()) password_ = read_password(password_file_);
  if (!cert_file_.empty()) cert_login_ = read_certificate_login(cert_file_, by_public_key_);
  if (!fingerprint_.empty()) cert_login_ = read_fingerprint_login(fingerprint_);
}

void ProofOptions::check(Kind kind) const {
  const struct {
    bool given;
    const char* option;
    Kind kind;
  } rules[] = {{!login_.empty(), "--login", Kind::password},
               {!password_file_.empty(), "--password-file", Kind::password},
               {!public_key_.empty(), "--public-key", Kind::nkey},
               {!cert_file_.empty(), "--cert", Kind::cert},
               {!fingerprint_.empty(), "--fingerprint", Kind::cert},
               {by_public_key_, "--by-public-key", Kind::cert}};
  for (const auto& rule : rules) {
    if (rule.given && rule.kind != kind) {
      throw Failure(Code::usage,
                    std::string(rule.option) + " goes with --kind " + std::string(name(rule.kind)));
    }
  }
  if (!public_key_.empty()) refuse_seed(public_key_);
  if (kind != Kind::cert) return;
  if (cert_file_.empty() == fingerprint_.empty()) {
    throw Failure(Code::usage, "--kind cert needs one of --cert and --fingerprint");
  }
  if (by_public_key_ && cert_file_.empty()) {
    throw Failure(Code::usage,
                  "--by-public-key goes with --cert; a fingerprint says what it is of");
  }
}

Proof ProofOptions::make(Credential& credential, const std::string& login,
                         const Local& local) const {
  switch (credential.kind) {
    case Kind::key:
    case Kind::token:
      return make_key(credential, local);
    case Kind::password:
      return make_password(credential, login_.empty() ? login : login_, local);
    case Kind::nkey:
      return make_nkey(credential);
    case Kind::creds:
      return make_creds(credential);
    case Kind::cert:
      return make_cert(credential);
  }
  throw Failure(Code::usage, "--kind: is unknown");
}

Proof ProofOptions::make_key(Credential& credential, const Local& local) const {
  const auth::MasterKey& key = local.keys().current();
  Proof proof;
  proof.secret = auth::make_secret(random_bytes<30>());
  StoredSecret& kept = keep(credential, Scheme::blake2b);
  kept.key_id = key.key_id();
  kept.hash = key.hash_secret(credential.id, proof.secret.view());
  if (credential.kind == Kind::token) {
    std::string token = credential.id + "." + std::string(proof.secret.view());
    proof.token = auth::SecretText{token};
    auth::wipe(token.data(), token.size());
    proof.secret = {};
  }
  return proof;
}

Proof ProofOptions::make_password(Credential& credential, const std::string& login,
                                  const Local& local) const {
  Proof proof;
  proof.login = login;
  if (password_.empty()) proof.secret = auth::make_secret(random_bytes<30>());
  StoredSecret& kept = keep(credential, Scheme::argon2id);
  kept.login = login;
  kept.password_hash =
      auth::hash_password(password_.empty() ? proof.secret.view() : password_.view(),
                          local.config().passwords.cost, random_bytes<16>());
  return proof;
}

Proof ProofOptions::make_nkey(Credential& credential) const {
  Proof proof;
  proof.login = public_key_;
  if (public_key_.empty()) {
    const auth::KeyPair pair{auth::Prefix::user, random_bytes<32>()};
    proof.login = write_public_key(pair.public_key());
    proof.seed = pair.seed();
  }
  keep(credential, Scheme::public_key).login = proof.login;
  return proof;
}

// A user of the callout account that may do nothing: nats-server asks about it, and the store says
// where it lands and with what. A user JWT of the target account would let its owner in by itself.
Proof ProofOptions::make_creds(Credential& credential) const {
  const auth::KeyPair pair{auth::Prefix::user, random_bytes<32>()};
  const std::string jwt =
      auth::write_setup_user({.key = pair.public_key(), .name = credential.id}, clock_now(),
                             keys_->callout_signer(keys_->expected_issuers().front()));
  Proof proof;
  proof.login = write_public_key(pair.public_key());
  proof.creds = auth::write_creds(jwt, pair);
  keep(credential, Scheme::public_key).login = proof.login;
  return proof;
}

Proof ProofOptions::make_cert(Credential& credential) const {
  Proof proof;
  proof.login = cert_login_;
  keep(credential, Scheme::fingerprint).login = cert_login_;
  return proof;
}

}  // namespace gateway::cli
