#pragma once
// Encryption between nats-server and the gateway: "xkv1" ‖ nonce(24) ‖ NaCl box (X25519, XSalsa20,
// Poly1305), 44 bytes more than the plain text.
// Source: nats-io/nkeys `xkeys.go`.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/secret.h"
#include "auth/nats/nkey.h"

namespace auth {

inline constexpr std::string_view kSealPrefix = "xkv1";
inline constexpr std::size_t kSealNonceBytes = 24;
inline constexpr std::size_t kSealOverhead = 44;

// The shared key of our curve key pair and one peer; computing it is the costly half of a box.
class SharedKey {
 public:
  // Absent if `theirs` is not a curve key, or is a point of low order.
  static std::optional<SharedKey> between(const KeyPair& ours, const PublicKey& theirs);

  // `nonce`: 24 fresh random bytes. Gives the whole message, prefix and nonce included.
  std::string seal(std::string_view plain,
                   std::span<const std::uint8_t, kSealNonceBytes> nonce) const;
  // Absent for anything that was not sealed with this key.
  std::optional<SecretText> open(std::string_view sealed) const;
  // The first `size` bytes of the plain text, or what there is. Nothing is verified: sealed with
  // another key, or altered on its way, it gives other bytes. Costs nothing for the rest.
  SecretText open_beginning(std::string_view sealed, std::size_t size) const;

 private:
  SharedKey() = default;
  Secret<32> key_;
};

// A cache of the shared keys of one key pair, computed once per server. At most kServers are kept,
// so that a flood of invented keys costs time but no memory. Not thread-safe.
class SharedKeys {
 public:
  static constexpr std::size_t kServers = 64;

  // Borrows `ours`.
  explicit SharedKeys(const KeyPair& ours) : ours_(ours) {}
  // Valid until the next call. Null if SharedKey::between gives none.
  const SharedKey* with(const PublicKey& theirs);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    PublicKey theirs;
    SharedKey key;
  };
  const KeyPair& ours_;
  std::vector<Entry> entries_;
};

}  // namespace auth
