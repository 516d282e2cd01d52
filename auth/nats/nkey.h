#pragma once
// nkeys: Ed25519 (and, for X keys, X25519) keys with a type in their first letter and a checksum.
// base32( prefix byte ‖ 32 key bytes ‖ CRC-16/XMODEM little-endian ), 56 characters; a seed has two
// prefix bytes and 58 characters.
// Source: nats-io/nkeys `strkey.go`, `crc16.go`.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/base/secret.h"

namespace auth {

// The prefix byte, which determines the first letter: A, C, N, O, U, X. There is no P: it names a
// private key.
enum class Prefix : std::uint8_t {
  account = 0x00,
  cluster = 0x10,
  server = 0x68,
  operator_key = 0x70,
  user = 0xA0,
  curve = 0xB8,
};

using Key32 = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

struct PublicKey {
  Prefix prefix = Prefix::user;
  Key32 bytes{};
  bool operator==(const PublicKey&) const = default;
};

// Absent for anything but the canonical form of a public key of one of these types.
std::optional<PublicKey> read_public_key(std::string_view text);
// Absent also for a key of another type.
std::optional<PublicKey> read_public_key(std::string_view text, Prefix prefix);
std::string write_public_key(const PublicKey& key);

// A seed and its public key. Immutable and thread-safe.
class KeyPair {
 public:
  // `entropy`: 32 fresh random bytes.
  KeyPair(Prefix prefix, std::span<const std::uint8_t, 32> entropy);

  const PublicKey& public_key() const { return public_key_; }
  // "SU…", 58 characters.
  SecretText seed() const;
  // Ed25519. Throws std::logic_error for a curve key, which cannot sign.
  Signature sign(std::string_view message) const;
  // The raw X25519 secret scalar of a curve key (the seed itself, not hashed); throws
  // std::logic_error for the others.
  const Secret<32>& scalar() const;

 private:
  PublicKey public_key_;
  Secret<32> seed_;
  Secret<64> signing_key_;  // libsodium's form: seed ‖ public key; zero for a curve key
};

// Absent for anything but the canonical form of a seed. Gives no reason, because the text is a
// secret.
std::optional<KeyPair> read_seed(std::string_view text);

// Also false for a curve key, which cannot verify, and for a key of small order.
bool verify(const PublicKey& key, std::string_view message, const Signature& signature);

}  // namespace auth
