#include "gateway/admin/operations/new_secret.h"

#include <utility>

#include "auth/base/json.h"
#include "auth/credential/certificate_fingerprint.h"
#include "auth/credential/password_hash.h"
#include "auth/nats/account_jwt.h"
#include "auth/nats/creds_file.h"
#include "auth/nats/nkey.h"
#include "gateway/admin/operations/warnings.h"
#include "gateway/platform/random.h"

namespace gateway {
namespace {

using auth::Credential;
using auth::Kind;
using auth::Scheme;
using auth::StoredSecret;

[[noreturn]] void wrong_proof(const std::string& message) {
  throw OperationError(Code::usage, message);
}

StoredSecret& keep(const OperationContext& context, Credential& credential, Scheme scheme) {
  return credential.secrets.emplace_back(StoredSecret{.scheme = scheme, .created_at = context.now});
}

void check_kind(const ProofRequest& request, Kind kind) {
  const struct {
    bool given;
    const char* member;
    Kind kind;
  } rules[] = {{!request.login.empty(), "login", Kind::password},
               {!request.password.empty(), "password", Kind::password},
               {!request.public_key.empty(), "public_key", Kind::nkey},
               {!request.signature.empty(), "signature", Kind::nkey},
               {!request.certificate.empty(), "certificate", Kind::cert},
               {!request.fingerprint.empty(), "fingerprint", Kind::cert},
               {request.by_public_key, "by_public_key", Kind::cert}};
  for (const auto& rule : rules) {
    if (rule.given && rule.kind != kind) {
      wrong_proof(std::string("proof.") + rule.member + ": is only for kind " +
                  std::string(name(rule.kind)));
    }
  }
}

Proof make_key(const OperationContext& context, Credential& credential) {
  const auth::MasterKey& key = context.master.current();
  Proof proof;
  proof.secret = auth::make_secret(random_bytes<30>());
  StoredSecret& kept = keep(context, credential, Scheme::blake2b);
  kept.key_id = key.key_id();
  kept.hash = key.hash_secret(credential.id, proof.secret.view());
  if (credential.sigv4) {
    kept.sealed = key.seal(credential.id, proof.secret.view(), random_bytes<24>());
  }
  if (credential.kind == Kind::token) {
    std::string token = credential.id + "." + std::string(proof.secret.view());
    proof.token = auth::SecretText{token};
    auth::wipe(token.data(), token.size());
    proof.secret = {};
  }
  return proof;
}

Proof make_password(const OperationContext& context, const ProofRequest& request,
                    const std::string& login, Credential& credential) {
  if (!request.password.empty() && !auth::may_become_password(request.password.view())) {
    wrong_proof(std::string("proof.password: ") + auth::kPasswordRule);
  }
  Proof proof;
  proof.login = request.login.empty() ? login : request.login;
  if (request.password.empty()) {
    proof.secret = auth::make_secret(random_bytes<30>());
  } else {
    proof.warning = operations::password_warning(request.password.view());
  }
  StoredSecret& kept = keep(context, credential, Scheme::argon2id);
  kept.login = proof.login;
  kept.password_hash =
      auth::hash_password(request.password.empty() ? proof.secret.view() : request.password.view(),
                          context.config.passwords.cost, random_bytes<16>());
  return proof;
}

Proof make_nkey(const OperationContext& context, const ProofRequest& request,
                Credential& credential) {
  Proof proof;
  proof.login = request.public_key;
  if (request.public_key.empty()) {
    const auth::KeyPair pair{auth::Prefix::user, random_bytes<32>()};
    proof.login = write_public_key(pair.public_key());
    proof.seed = pair.seed();
  } else if (!auth::read_public_key(request.public_key, auth::Prefix::user)) {
    wrong_proof("proof.public_key: must be a user nkey, 56 characters that begin with U" +
                std::string(request.public_key.starts_with("SU")
                                ? "; this is a seed, which only the client should have: replace it"
                                : ""));
  }
  keep(context, credential, Scheme::public_key).login = proof.login;
  return proof;
}

// A user of the callout account that may do nothing: nats-server asks about it, and the store says
// where it lands and with what. A user JWT of the target account would let its owner in by itself.
Proof make_creds(const OperationContext& context, Credential& credential) {
  if (context.keys == nullptr) throw auth::ConfigError("the signing keys are not available");
  const auth::KeyPair pair{auth::Prefix::user, random_bytes<32>()};
  const std::string jwt = auth::write_setup_user(
      {.key = pair.public_key(), .name = credential.id}, context.now,
      context.keys->callout_signer(context.keys->expected_issuers().front()));
  Proof proof;
  proof.login = write_public_key(pair.public_key());
  proof.creds = auth::write_creds(jwt, pair);
  keep(context, credential, Scheme::public_key).login = proof.login;
  return proof;
}

constexpr const char* kAuthorityWarning =
    "this certificate is one that signs others (CA:TRUE): it lets in whoever holds its own key, "
    "and "
    "nobody whose certificate it signed; register the client's certificate, unless this is it";

// Sets the login and, where the certificate is there, its other fingerprint. Gives a warning, or
// nothing.
std::string put_fingerprints(const ProofRequest& request, StoredSecret& kept) {
  if (request.certificate.empty() == request.fingerprint.empty()) {
    wrong_proof("proof: kind cert needs either certificate or fingerprint");
  }
  if (request.certificate.empty()) {
    if (request.by_public_key) {
      wrong_proof(
          "proof.by_public_key: is only for certificate; a fingerprint itself says what it is of");
    }
    if (const auto login = auth::read_fingerprint(request.fingerprint)) {
      kept.login = *login;
      return "";
    }
    wrong_proof(
        "proof.fingerprint: must be sha256:… or spki-sha256:… with 64 hexadecimal digits, or "
        "what `openssl x509 -noout -fingerprint -sha256` prints");
  }
  const auto prints = auth::read_certificate(request.certificate);
  if (!prints) {
    wrong_proof(
        "proof.certificate: must be the client's certificate in PEM, -----BEGIN "
        "CERTIFICATE-----, first of a chain");
  }
  kept.login = auth::certificate_login(prints->certificate);
  kept.reserved = auth::public_key_login(prints->public_key);
  if (request.by_public_key) std::swap(kept.login, kept.reserved);
  return prints->authority ? kAuthorityWarning : "";
}

}  // namespace

ProofRequest take_proof_request(nlohmann::json& body) {
  ProofRequest request;
  if (!body.is_object() || !body.contains("proof")) return request;
  nlohmann::json proof = std::move(body["proof"]);
  body.erase("proof");
  if (proof.is_object() && proof.contains("password")) {
    if (!proof["password"].is_string()) wrong_proof("proof.password: must be a string");
    request.password = auth::take_secret(proof, "password");
    // It is not one that is left out, for which one would be generated.
    if (request.password.empty())
      wrong_proof(std::string("proof.password: ") + auth::kPasswordRule);
    proof.erase("password");
  }
  read_body({{"proof", std::move(proof)}}, [&](auth::JsonObject& members) {
    members.object("proof", [&](auth::JsonObject& inner) {
      inner.string("login", request.login);
      inner.string("public_key", request.public_key);
      inner.string("signature", request.signature);
      inner.string("certificate", request.certificate);
      inner.string("fingerprint", request.fingerprint);
      inner.boolean("by_public_key", request.by_public_key);
    });
  });
  return request;
}

Proof make_proof(const OperationContext& context, const ProofRequest& request,
                 const std::string& login, Credential& credential) {
  check_kind(request, credential.kind);
  switch (credential.kind) {
    case Kind::key:
    case Kind::token:
      return make_key(context, credential);
    case Kind::password:
      return make_password(context, request, login, credential);
    case Kind::nkey:
      return make_nkey(context, request, credential);
    case Kind::creds:
      return make_creds(context, credential);
    case Kind::cert: {
      Proof proof;
      StoredSecret& kept = keep(context, credential, Scheme::fingerprint);
      proof.warning = put_fingerprints(request, kept);
      proof.login = kept.login;
      return proof;
    }
  }
  wrong_proof("kind: is unknown");
}

}  // namespace gateway
