#include "auth/nats/nkey.h"

#include <stdexcept>
#include <vector>

#include <sodium.h>

#include "auth/base/base32.h"

namespace auth {
namespace {

constexpr std::size_t kCrcBytes = 2;
constexpr std::size_t kPublicKeyBytes = 1 + 32 + kCrcBytes;
constexpr std::size_t kSeedBytes = 2 + 32 + kCrcBytes;
constexpr std::size_t kPublicKeyChars = 56;
constexpr std::size_t kSeedChars = 58;

// CRC-16/XMODEM, low byte first. A bit at a time, without branches on what may be a seed.
std::array<std::uint8_t, kCrcBytes> checksum(Bytes bytes) {
  std::uint32_t crc = 0;
  for (const std::uint8_t byte : bytes) {
    crc ^= std::uint32_t{byte} << 8;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc << 1 ^ (crc >> 15) * 0x1021) & 0xFFFF;
    }
  }
  return {static_cast<std::uint8_t>(crc & 0xFF), static_cast<std::uint8_t>(crc >> 8)};
}

void put_checksum(std::span<std::uint8_t> bytes) {
  const std::size_t body = bytes.size() - kCrcBytes;
  std::ranges::copy(checksum(bytes.first(body)), bytes.subspan(body).begin());
}

bool checksum_holds(Bytes bytes) {
  const std::size_t body = bytes.size() - kCrcBytes;
  return std::ranges::equal(checksum(bytes.first(body)), bytes.subspan(body));
}

std::optional<Prefix> prefix_of(std::uint8_t byte) {
  const auto prefix = static_cast<Prefix>(byte);
  switch (prefix) {
    case Prefix::account:
    case Prefix::cluster:
    case Prefix::server:
    case Prefix::operator_key:
    case Prefix::user:
    case Prefix::curve:
      return prefix;
  }
  return std::nullopt;
}

// "S" and the letter of the type, five bits each; six bits stay zero.
std::array<std::uint8_t, 2> seed_head(Prefix prefix) {
  const auto type = static_cast<std::uint32_t>(prefix);
  return {static_cast<std::uint8_t>(0x90 | type >> 5), static_cast<std::uint8_t>((type & 31) << 3)};
}

std::optional<KeyPair> pair_of(Bytes bytes) {
  if (bytes.size() != kSeedBytes || !checksum_holds(bytes)) return std::nullopt;
  const auto prefix = prefix_of(static_cast<std::uint8_t>((bytes[0] << 5 | bytes[1] >> 3) & 0xFF));
  if (!prefix || !std::ranges::equal(seed_head(*prefix), bytes.first<2>())) return std::nullopt;
  return KeyPair{*prefix, bytes.subspan<2, 32>()};
}

}  // namespace

std::optional<PublicKey> read_public_key(std::string_view text) {
  if (text.size() != kPublicKeyChars) return std::nullopt;
  const auto bytes = read_base32(text);
  if (!bytes || bytes->size() != kPublicKeyBytes || !checksum_holds(*bytes)) return std::nullopt;
  const auto prefix = prefix_of(bytes->front());
  if (!prefix) return std::nullopt;
  PublicKey key{.prefix = *prefix};
  std::ranges::copy(Bytes{*bytes}.subspan(1, key.bytes.size()), key.bytes.begin());
  return key;
}

std::optional<PublicKey> read_public_key(std::string_view text, Prefix prefix) {
  const auto key = read_public_key(text);
  return key && key->prefix == prefix ? key : std::nullopt;
}

std::string write_public_key(const PublicKey& key) {
  std::array<std::uint8_t, kPublicKeyBytes> bytes{static_cast<std::uint8_t>(key.prefix)};
  std::ranges::copy(key.bytes, bytes.begin() + 1);
  put_checksum(bytes);
  return write_base32(bytes);
}

KeyPair::KeyPair(Prefix prefix, std::span<const std::uint8_t, 32> entropy)
    : public_key_{.prefix = prefix}, seed_(entropy) {
  auto* const key = public_key_.bytes.data();
  const int failed =
      prefix == Prefix::curve
          ? crypto_scalarmult_base(key, entropy.data())
          : crypto_sign_seed_keypair(key, signing_key_.bytes().data(), entropy.data());
  if (failed != 0) throw std::logic_error("not a public key");
}

SecretText KeyPair::seed() const {
  Secret<kSeedBytes> bytes;
  std::ranges::copy(seed_head(public_key_.prefix), bytes.bytes().begin());
  std::ranges::copy(seed_.bytes(), bytes.bytes().begin() + 2);
  put_checksum(bytes.bytes());
  std::string text = write_base32(bytes.bytes());
  SecretText seed{text};
  wipe(text.data(), text.size());
  return seed;
}

Signature KeyPair::sign(std::string_view message) const {
  if (public_key_.prefix == Prefix::curve) throw std::logic_error("a curve key cannot sign");
  Signature signature{};
  crypto_sign_detached(signature.data(), nullptr, bytes_of(message).data(), message.size(),
                       signing_key_.bytes().data());
  return signature;
}

const Secret<32>& KeyPair::scalar() const {
  if (public_key_.prefix != Prefix::curve) throw std::logic_error("only a curve key can seal");
  return seed_;
}

std::optional<KeyPair> read_seed(std::string_view text) {
  if (text.size() != kSeedChars) return std::nullopt;
  auto bytes = read_base32(text);
  if (!bytes) return std::nullopt;
  auto pair = pair_of(*bytes);
  wipe(bytes->data(), bytes->size());
  return pair;
}

bool verify(const PublicKey& key, std::string_view message, const Signature& signature) {
  return key.prefix != Prefix::curve &&
         crypto_sign_verify_detached(signature.data(), bytes_of(message).data(), message.size(),
                                     key.bytes.data()) == 0;
}

}  // namespace auth
