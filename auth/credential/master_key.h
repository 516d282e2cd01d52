#pragma once
// The master key: what the stored hashes and the journal's chain are keyed with, so that a stolen
// store alone lets nobody guess a secret offline or rewrite the journal unseen.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/bytes.h"
#include "auth/credential/credential.h"

namespace auth {

// Immutable; usable from several threads at once. Every use has its own key, derived with
// libsodium's crypto_kdf (BLAKE2b) under the context "credgate".
class MasterKey {
 public:
  // `entropy`: 32 fresh random bytes.
  explicit MasterKey(std::span<const std::uint8_t, 32> entropy);

  // 16 hexadecimal digits that name this key in records and in the journal; says nothing about it.
  const std::string& key_id() const { return key_id_; }
  // What a key file holds: 43 characters of base64url.
  SecretText text() const;

  // BLAKE2b-256 of the credential's id and the secret: one secret stored for two credentials gives
  // two hashes, and a hash copied into another record fits nothing.
  Hash32 hash_secret(std::string_view id, std::string_view secret) const;
  // The login of a token that was made elsewhere: 43 characters of base64url of the BLAKE2b-256 of
  // its text. Whoever has a token with this login has the token.
  std::string token_login(std::string_view token) const;
  // BLAKE2b-256 of a journal entry's bytes.
  Hash32 hash_journal(std::string_view entry) const;
  // The same of a request, which may hold a password.
  Hash32 hash_request(std::string_view body) const;
  // A secret that is needed again as it is: XChaCha20-Poly1305 with the credential's id as
  // additional data, so that what was copied into another record opens nothing. nonce ‖ ciphertext
  // ‖ tag.
  std::string seal(std::string_view id, std::string_view secret,
                   std::span<const std::uint8_t, 24> nonce) const;
  // Absent for anything that this key has not sealed for this id.
  std::optional<SecretText> open(std::string_view id, std::string_view sealed) const;
  // The seed of probe_credential.h's key of that minute.
  Secret<32> probe_seed(std::int64_t minute) const;

 private:
  Secret<32> key_;
  Secret<32> secrets_;
  Secret<32> journal_;
  Secret<32> tokens_;
  Secret<32> probes_;
  Secret<32> sealing_;
  std::string key_id_;
};

// Absent for anything but the 43 characters. Says nothing of why: the text is a secret.
std::optional<MasterKey> read_master_key(std::string_view text);

// The keys that this process holds; the first is the one that is hashed under. Never empty.
class MasterKeys {
 public:
  explicit MasterKeys(std::vector<MasterKey> current_first);
  const MasterKey& current() const { return keys_.front(); }
  const std::vector<MasterKey>& all() const { return keys_; }

 private:
  std::vector<MasterKey> keys_;
};

// A secret for a new credential: 40 characters of base64url. `entropy`: 30 fresh random bytes.
SecretText make_secret(std::span<const std::uint8_t, 30> entropy);

}  // namespace auth
