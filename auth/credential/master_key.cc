#include "auth/credential/master_key.h"

#include <stdexcept>

#include <sodium.h>

#include "auth/base/base64.h"
#include "auth/base/hex.h"

namespace auth {
namespace {

// The numbers are part of the store's format: a changed one orphans every hash.
enum class Use : std::uint64_t {
  key_id = 1,
  secrets = 2,
  journal = 3,
  tokens = 4,
  probes = 5,
  sealing = 6,
  heads = 7
};

template <std::size_t N>
Secret<N> derive(const Secret<32>& key, Use use) {
  Secret<N> subkey;
  static_assert(N >= crypto_kdf_BYTES_MIN && N <= crypto_kdf_BYTES_MAX);
  if (crypto_kdf_derive_from_key(subkey.bytes().data(), N, static_cast<std::uint64_t>(use),
                                 "credgate", key.bytes().data()) != 0) {
    throw std::logic_error("crypto_kdf_derive_from_key");
  }
  return subkey;
}

class Blake2b {
 public:
  explicit Blake2b(const Secret<32>& key) {
    crypto_generichash_init(&state_, key.bytes().data(), key.bytes().size(), sizeof(Hash32));
  }
  Blake2b& add(std::string_view text) {
    crypto_generichash_update(&state_, bytes_of(text).data(), text.size());
    return *this;
  }
  Hash32 end() {
    Hash32 hash{};
    crypto_generichash_final(&state_, hash.data(), hash.size());
    wipe(&state_, sizeof state_);
    return hash;
  }

 private:
  crypto_generichash_state state_{};
};

}  // namespace

MasterKey::MasterKey(std::span<const std::uint8_t, 32> entropy)
    : key_(entropy),
      secrets_(derive<32>(key_, Use::secrets)),
      journal_(derive<32>(key_, Use::journal)),
      tokens_(derive<32>(key_, Use::tokens)),
      probes_(derive<32>(key_, Use::probes)),
      sealing_(derive<32>(key_, Use::sealing)),
      heads_(derive<32>(key_, Use::heads)),
      key_id_(write_hex(Bytes{derive<16>(key_, Use::key_id).bytes()}.first(8))) {}

SecretText MasterKey::text() const {
  std::string text = write_base64url(key_.bytes());
  SecretText out{text};
  wipe(text.data(), text.size());
  return out;
}

Hash32 MasterKey::hash_secret(std::string_view id, std::string_view secret) const {
  using namespace std::string_view_literals;
  return Blake2b{secrets_}.add(id).add("\0"sv).add(secret).end();
}

std::string MasterKey::token_login(std::string_view token) const {
  return write_base64url(Blake2b{tokens_}.add(token).end());
}

Hash32 MasterKey::hash_journal(std::string_view entry) const {
  return Blake2b{journal_}.add(entry).end();
}

Hash32 MasterKey::sign_head(std::string_view note) const {
  return Blake2b{heads_}.add(note).end();
}

Hash32 MasterKey::hash_request(std::string_view body) const {
  using namespace std::string_view_literals;
  // No journal entry begins with a zero.
  return Blake2b{journal_}.add("\0request\0"sv).add(body).end();
}

std::string MasterKey::seal(std::string_view id, std::string_view secret,
                            std::span<const std::uint8_t, 24> nonce) const {
  static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == 24);
  std::string sealed{nonce.begin(), nonce.end()};
  sealed.resize(nonce.size() + secret.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      reinterpret_cast<unsigned char*>(sealed.data()) + nonce.size(), nullptr,
      bytes_of(secret).data(), secret.size(), bytes_of(id).data(), id.size(), nullptr, nonce.data(),
      sealing_.bytes().data());
  return sealed;
}

std::optional<SecretText> MasterKey::open(std::string_view id, std::string_view sealed) const {
  constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  constexpr std::size_t kOverhead = kNonce + crypto_aead_xchacha20poly1305_ietf_ABYTES;
  if (sealed.size() < kOverhead) return std::nullopt;
  SecretText secret{sealed.size() - kOverhead};
  const Bytes bytes = bytes_of(sealed);
  const int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(secret.chars().data()), nullptr, nullptr,
      bytes.subspan(kNonce).data(), bytes.size() - kNonce, bytes_of(id).data(), id.size(),
      bytes.data(), sealing_.bytes().data());
  return opened == 0 ? std::optional{std::move(secret)} : std::nullopt;
}

Secret<32> MasterKey::probe_seed(std::int64_t minute) const {
  Hash32 hash = Blake2b{probes_}.add(std::to_string(minute)).end();
  Secret<32> seed{hash};
  wipe(hash.data(), hash.size());
  return seed;
}

std::optional<MasterKey> read_master_key(std::string_view text) {
  if (text.size() != 43) return std::nullopt;
  auto bytes = read_base64url(text);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  std::optional<MasterKey> key{std::span<const std::uint8_t, 32>{*bytes}};
  wipe(bytes->data(), bytes->size());
  return key;
}

MasterKeys::MasterKeys(std::vector<MasterKey> current_first) : keys_(std::move(current_first)) {
  if (keys_.empty()) throw std::logic_error("not a master key");
}

SecretText make_secret(std::span<const std::uint8_t, 30> entropy) {
  std::string text = write_base64url(entropy);
  SecretText secret{text};
  wipe(text.data(), text.size());
  return secret;
}

}  // namespace auth
