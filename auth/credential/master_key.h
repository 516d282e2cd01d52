#pragma once
// The master key: the key of the stored hashes and of the journal's chain. Without it, a stolen
// store allows neither guessing a secret offline nor rewriting the journal unnoticed.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/secret.h"
#include "auth/credential/credential.h"

namespace auth {

// Immutable and thread-safe. Every use has its own key, derived with libsodium's crypto_kdf
// (BLAKE2b) under the context "credgate".
class MasterKey {
 public:
  // `entropy`: 32 fresh random bytes.
  explicit MasterKey(std::span<const std::uint8_t, 32> entropy);

  // 16 hexadecimal digits that identify this key in records and in the journal; reveals nothing
  // about the key.
  const std::string& key_id() const { return key_id_; }
  // The content of a key file: 43 characters of base64url.
  SecretText text() const;

  // BLAKE2b-256 of the credential's id and the secret: the same secret in two credentials has two
  // hashes, and a hash copied into another record does not match.
  Hash32 hash_secret(std::string_view id, std::string_view secret) const;
  // The login of a token that was made elsewhere: 43 characters of base64url of the BLAKE2b-256 of
  // its text. Only a client with the token can present this login.
  std::string token_login(std::string_view token) const;
  // BLAKE2b-256 of a journal entry's bytes.
  Hash32 hash_journal(std::string_view entry) const;
  // Signs what is noted of the journal's head outside the store (store/head_note.h).
  Hash32 sign_head(std::string_view note) const;
  // The hash of a request, which may contain a password.
  Hash32 hash_request(std::string_view body) const;
  // Encrypts a secret that is needed again in clear: XChaCha20-Poly1305 with the credential's id as
  // additional data, so that a copy in another record cannot be opened. Format: nonce ‖ ciphertext
  // ‖ tag.
  std::string seal(std::string_view id, std::string_view secret,
                   std::span<const std::uint8_t, 24> nonce) const;
  // Absent for anything that was not sealed with this key for this id.
  std::optional<SecretText> open(std::string_view id, std::string_view sealed) const;
  // The seed of the self-probe's key for that minute (probe_credential.h).
  Secret<32> probe_seed(std::int64_t minute) const;

 private:
  Secret<32> key_;
  Secret<32> secrets_;
  Secret<32> journal_;
  Secret<32> tokens_;
  Secret<32> probes_;
  Secret<32> sealing_;
  Secret<32> heads_;
  std::string key_id_;
};

// Absent for anything but the 43 characters. Gives no reason, because the text is a secret.
std::optional<MasterKey> read_master_key(std::string_view text);

// The configured master keys; new hashes use the first. Never empty.
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
