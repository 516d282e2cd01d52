// How a secret that was just proved would be stored today.

#include <algorithm>

#include "auth/base/secret.h"
#include "auth/decision/judge.h"

namespace auth {
namespace {

constexpr std::size_t kBcryptBytes = 72;

// Where one asks for more memory and the other for more time, neither is.
bool cheaper(const PasswordCost& a, const PasswordCost& b) {
  return a != b && a.memory_bytes <= b.memory_bytes && a.iterations <= b.iterations;
}

}  // namespace

bool Judge::current(const StoredSecret& secret) const {
  switch (secret.scheme) {
    case Scheme::blake2b:
    case Scheme::opaque_token:
      return secret.key_id == keys_.current().key_id();
    case Scheme::argon2id: {
      const auto hash = read_password_hash(secret.password_hash);
      return !hash || !cheaper(hash->cost, policy_.password_cost);
    }
    case Scheme::bcrypt:
      return false;
    case Scheme::public_key:
    case Scheme::fingerprint:
      return true;
  }
  return true;
}

std::optional<Judge::Rehash> Judge::rehash(const Identity& identity, const Credential& credential,
                                           const StoredSecret& secret,
                                           std::span<const std::uint8_t, 24> fresh) const {
  if (current(secret)) return std::nullopt;
  Rehash rehash{secret, secret};
  StoredSecret& after = rehash.after;
  if (const auto* proof = std::get_if<PasswordProof>(&identity.proof)) {
    // bcrypt knows the first 72 bytes alone, and the rest may be anybody's.
    if (secret.scheme == Scheme::bcrypt && proof->password.size() > kBcryptBytes) {
      return std::nullopt;
    }
    after.scheme = Scheme::argon2id;
    after.password_hash = hash_password(proof->password, policy_.password_cost, fresh.first<16>());
    return rehash;
  }
  const MasterKey& key = keys_.current();
  after.key_id = key.key_id();
  if (std::holds_alternative<LoginProof>(identity.proof)) {
    after.login = identity.logins.front().text;  // made with the current key
    return rehash;
  }
  const auto* shown = std::get_if<SecretProof>(&identity.proof);
  const auto text = shown != nullptr ? SecretText{shown->secret} : unsealed(secret, credential.id);
  if (!text) return std::nullopt;
  after.hash = key.hash_secret(credential.id, text->view());
  if (!secret.sealed.empty()) after.sealed = key.seal(credential.id, text->view(), fresh);
  return rehash;
}

}  // namespace auth
