#include "auth/credential/certificate_fingerprint.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <sodium.h>

#include "auth/base/base64.h"
#include "auth/base/bytes.h"
#include "auth/base/hex.h"

namespace auth {
namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
constexpr std::string_view kCertificate = "sha256:";
constexpr std::string_view kPublicKey = "spki-sha256:";
constexpr std::array<std::uint8_t, 3> kBasicConstraints = {0x55, 0x1D, 0x13};  // 2.5.29.19

// RFC 5280 §4.1 and X.690; a bit string and the two unique identifiers are primitive in DER.
enum class Tag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  object_id = 0x06,
  sequence = 0x30,
  version = 0xA0,
  issuer_id = 0x81,
  subject_id = 0x82,
  extensions = 0xA3,
};

// The next line without its end; `rest` goes on behind it.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<std::vector<std::uint8_t>> read_pem(std::string_view rest) {
  if (rest.size() > kMaxCertificateBytes) return std::nullopt;
  while (!rest.empty() && take_line(rest) != kBegin)
    continue;
  std::string base64;
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    if (line == kEnd) return read_base64(base64);
    base64 += line;
  }
  return std::nullopt;
}

struct Element {
  Bytes whole;
  Bytes content;
};

// DER as strictly as nats-server's Go reads it: were there a second way to read a certificate, its
// holder could prove one key to the server and be let in here by another.
class Der {
 public:
  explicit Der(Bytes rest) : rest_(rest) {}
  bool at_end() const { return rest_.empty(); }

  // Absent where the next element has another tag, or a length that is not definite, not minimal,
  // or longer than what is left.
  std::optional<Element> take(Tag tag) {
    if (rest_.size() < 2 || rest_[0] != static_cast<std::uint8_t>(tag)) return std::nullopt;
    std::size_t header = 2;
    std::size_t size = rest_[1];
    if (size >= 0x80) {
      const std::size_t count = size - 0x80;
      // 64 KiB have no longer length than two bytes.
      if (count < 1 || count > 2 || rest_.size() < header + count) return std::nullopt;
      size = count == 1 ? rest_[2] : std::size_t{rest_[2]} << 8 | rest_[3];
      if (size < (count == 1 ? 0x80 : 0x100)) return std::nullopt;
      header += count;
    }
    if (rest_.size() - header < size) return std::nullopt;
    const Element element{.whole = rest_.first(header + size),
                          .content = rest_.subspan(header, size)};
    rest_ = rest_.subspan(header + size);
    return element;
  }
  bool skip(Tag tag) { return take(tag).has_value(); }
  // False only where the tag is there and the element is not.
  bool skip_optional(Tag tag) {
    return rest_.empty() || rest_[0] != static_cast<std::uint8_t>(tag) || skip(tag);
  }

  // Two's complement without a byte too many.
  std::optional<Bytes> take_integer() {
    const auto element = take(Tag::integer);
    if (!element || element->content.empty()) return std::nullopt;
    const Bytes digits = element->content;
    if (digits.size() > 1) {
      const bool negative = digits[1] >= 0x80;
      if (digits[0] == (negative ? 0xFF : 0x00)) return std::nullopt;
    }
    return digits;
  }
  // Of whole bytes, as every key and signature is.
  bool skip_bit_string() {
    const auto element = take(Tag::bit_string);
    return element && element->content.size() > 1 && element->content[0] == 0;
  }

 private:
  Bytes rest_;
};

// v2 or v3; v1 is the default, which DER leaves out.
bool skip_version(Der& tbs) {
  const auto version = tbs.take(Tag::version);
  if (!version) return false;
  Der inner{version->content};
  const auto number = inner.take_integer();
  return number && number->size() == 1 && (*number)[0] >= 1 && (*number)[0] <= 2 && inner.at_end();
}

std::optional<Bytes> take_public_key(Der& tbs) {
  const auto info = tbs.take(Tag::sequence);
  if (!info) return std::nullopt;
  Der inner{info->content};
  if (!inner.skip(Tag::sequence) || !inner.skip_bit_string() || !inner.at_end())
    return std::nullopt;
  return info->whole;
}

struct TbsParts {
  Bytes public_key;
  Bytes extensions;  // content of the element
};

// `rest`: the content of a TBSCertificate.
std::optional<TbsParts> find_parts(Bytes rest) {
  Der tbs{rest};
  const bool has_version = !rest.empty() && rest[0] == static_cast<std::uint8_t>(Tag::version);
  if (has_version && !skip_version(tbs)) return std::nullopt;
  if (!tbs.take_integer()) return std::nullopt;  // the serial number
  // The signature's algorithm, the issuer, the validity, the subject.
  for (int i = 0; i < 4; ++i) {
    if (!tbs.skip(Tag::sequence)) return std::nullopt;
  }
  const auto key = take_public_key(tbs);
  if (!key || !tbs.skip_optional(Tag::issuer_id) || !tbs.skip_optional(Tag::subject_id))
    return std::nullopt;
  if (tbs.at_end()) return TbsParts{.public_key = *key, .extensions = {}};
  const auto extensions = tbs.take(Tag::extensions);
  if (!extensions || !tbs.at_end()) return std::nullopt;
  return TbsParts{.public_key = *key, .extensions = extensions->content};
}

// `value`: of the extension basicConstraints.
bool says_authority(Bytes value) {
  Der outer{value};
  const auto constraints = outer.take(Tag::sequence);
  if (!constraints) return false;
  Der inner{constraints->content};
  const auto authority = inner.take(Tag::boolean);
  return authority && authority->content.size() == 1 && authority->content[0] != 0;
}

bool is_authority(Bytes extensions) {
  Der outer{extensions};
  const auto list = outer.take(Tag::sequence);
  if (!list) return false;
  for (Der rest{list->content}; !rest.at_end();) {
    const auto extension = rest.take(Tag::sequence);
    if (!extension) return false;
    Der inner{extension->content};
    const auto id = inner.take(Tag::object_id);
    if (!id || !inner.skip_optional(Tag::boolean)) return false;  // whether it is critical
    if (!std::ranges::equal(id->content, kBasicConstraints)) continue;
    const auto value = inner.take(Tag::octet_string);
    return value && says_authority(value->content);
  }
  return false;
}

Hash32 sha256(Bytes bytes) {
  Hash32 hash{};
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  return hash;
}

std::string login(std::string_view prefix, const Hash32& hash) {
  return std::string{prefix} + write_hex(hash);
}

// 32 times two digits of either case, `between` between them.
std::optional<Hash32> read_hex(std::string_view text, std::string_view between) {
  Hash32 hash{};
  const std::size_t step = 2 + between.size();
  if (text.size() != hash.size() * step - between.size()) return std::nullopt;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const std::string_view rest = text.substr(i * step);
    const auto high = read_hex_digit(rest[0]);
    const auto low = read_hex_digit(rest[1]);
    if (!high || !low) return std::nullopt;
    hash[i] = static_cast<std::uint8_t>(*high << 4 | *low);
    if (i + 1 < hash.size() && !rest.substr(2).starts_with(between)) return std::nullopt;
  }
  return hash;
}

}  // namespace

std::optional<Fingerprints> read_certificate(std::string_view pem) {
  const auto der = read_pem(pem);
  if (!der) return std::nullopt;
  Der outer{*der};
  const auto certificate = outer.take(Tag::sequence);
  if (!certificate || !outer.at_end()) return std::nullopt;

  Der inner{certificate->content};
  const auto tbs = inner.take(Tag::sequence);
  if (!tbs || !inner.skip(Tag::sequence) || !inner.skip_bit_string() || !inner.at_end())
    return std::nullopt;
  const auto parts = find_parts(tbs->content);
  if (!parts) return std::nullopt;
  return Fingerprints{.certificate = sha256(*der),
                      .public_key = sha256(parts->public_key),
                      .authority = is_authority(parts->extensions)};
}

std::string certificate_login(const Hash32& certificate) {
  return login(kCertificate, certificate);
}
std::string public_key_login(const Hash32& public_key) {
  return login(kPublicKey, public_key);
}

std::optional<std::string> read_fingerprint(std::string_view text) {
  for (const auto prefix : {kCertificate, kPublicKey}) {
    if (!text.starts_with(prefix)) continue;
    const auto hash = read_hex(text.substr(prefix.size()), "");
    return hash ? std::optional{login(prefix, *hash)} : std::nullopt;
  }
  // OpenSSL 3 writes the first, 1.1 the second.
  for (const std::string_view label : {"sha256 Fingerprint=", "SHA256 Fingerprint="}) {
    if (!text.starts_with(label)) continue;
    text.remove_prefix(label.size());
    break;
  }
  const auto hash = read_hex(text, ":");
  return hash ? std::optional{certificate_login(*hash)} : std::nullopt;
}

}  // namespace auth
