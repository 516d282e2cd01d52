#include "auth/nats/xkey.h"

#include <algorithm>

#include <sodium.h>

namespace auth {
namespace {

constexpr std::size_t kSealHeadBytes = kSealPrefix.size() + kSealNonceBytes;
static_assert(kSealNonceBytes == crypto_box_NONCEBYTES);
static_assert(kSealOverhead == kSealHeadBytes + crypto_box_MACBYTES);

unsigned char* writable(std::span<char> chars) {
  return reinterpret_cast<unsigned char*>(chars.data());
}

}  // namespace

std::optional<SharedKey> SharedKey::between(const KeyPair& ours, const PublicKey& theirs) {
  const Secret<32>& scalar = ours.scalar();
  if (theirs.prefix != Prefix::curve) return std::nullopt;
  SharedKey shared;
  if (crypto_box_beforenm(shared.key_.bytes().data(), theirs.bytes.data(), scalar.bytes().data()) !=
      0) {
    return std::nullopt;
  }
  return shared;
}

std::string SharedKey::seal(std::string_view plain,
                            std::span<const std::uint8_t, kSealNonceBytes> nonce) const {
  std::string sealed{kSealPrefix};
  sealed += text_of(nonce);
  sealed.resize(kSealOverhead + plain.size());
  crypto_box_easy_afternm(writable(std::span{sealed}.subspan(kSealHeadBytes)),
                          bytes_of(plain).data(), plain.size(), nonce.data(), key_.bytes().data());
  return sealed;
}

std::optional<SecretText> SharedKey::open(std::string_view sealed) const {
  if (sealed.size() < kSealOverhead || !sealed.starts_with(kSealPrefix)) return std::nullopt;
  const Bytes nonce = bytes_of(sealed).subspan(kSealPrefix.size(), kSealNonceBytes);
  const Bytes box = bytes_of(sealed).subspan(kSealHeadBytes);
  SecretText plain{sealed.size() - kSealOverhead};
  if (crypto_box_open_easy_afternm(writable(plain.chars()), box.data(), box.size(), nonce.data(),
                                   key_.bytes().data()) != 0) {
    return std::nullopt;
  }
  return plain;
}

// The box is a Poly1305 tag and the plain text under the stream of XSalsa20, whose first 32 bytes
// are the key of the tag.
SecretText SharedKey::open_beginning(std::string_view sealed, std::size_t size) const {
  constexpr std::size_t kTagKeyBytes = crypto_onetimeauth_poly1305_KEYBYTES;
  if (sealed.size() < kSealOverhead || !sealed.starts_with(kSealPrefix)) return {};
  const Bytes nonce = bytes_of(sealed).subspan(kSealPrefix.size(), kSealNonceBytes);
  const std::string_view box = sealed.substr(kSealOverhead, size);
  SecretText stream{kTagKeyBytes + box.size()};
  const std::span<char> chars = stream.chars();
  std::ranges::copy(box, chars.begin() + kTagKeyBytes);
  crypto_stream_xsalsa20_xor(writable(chars), bytes_of(stream.view()).data(), chars.size(),
                             nonce.data(), key_.bytes().data());
  return SecretText{stream.view().substr(kTagKeyBytes)};
}

// Most recently used last, so that invented keys push out each other before a server in use.
const SharedKey* SharedKeys::with(const PublicKey& theirs) {
  const auto known = std::ranges::find(entries_, theirs, &Entry::theirs);
  if (known != entries_.end()) {
    std::rotate(known, known + 1, entries_.end());
    return &entries_.back().key;
  }
  auto key = SharedKey::between(ours_, theirs);
  if (!key) return nullptr;
  if (entries_.size() == kServers) entries_.erase(entries_.begin());
  entries_.push_back({theirs, std::move(*key)});
  return &entries_.back().key;
}

}  // namespace auth
