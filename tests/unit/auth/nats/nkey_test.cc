#include "auth/nats/nkey.h"

#include <stdexcept>
#include <vector>

#include "auth/base/base32.h"
#include "auth/base/secret.h"
#include "tests/support/catch.h"

using namespace auth;

namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::string_view kPublic = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
constexpr std::string_view kSeed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";

Key32 counting() {
  Key32 bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(i);
  return bytes;
}

// Exactly as long as the text, without a terminator, so that the sanitizer sees one byte too far.
Buffer buffer(std::string_view text) {
  const Bytes bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

bool is_public_key(std::string_view text) {
  const Buffer exact = buffer(text);
  return read_public_key(text_of(exact)).has_value();
}

bool is_seed(std::string_view text) {
  const Buffer exact = buffer(text);
  return read_seed(text_of(exact)).has_value();
}

// `head` and `size` key bytes under a checksum that holds, whatever they mean.
std::string checked(Buffer head, std::size_t size = 32) {
  head.resize(head.size() + size, 7);
  unsigned crc = 0;
  for (const unsigned byte : head) {
    for (unsigned bit = 8; bit-- > 0;) {
      const unsigned out = (crc >> 15 ^ byte >> bit) & 1;
      crc = (crc << 1 & 0xFFFF) ^ (out != 0 ? 0x1021U : 0U);
    }
  }
  head.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  head.push_back(static_cast<std::uint8_t>(crc >> 8));
  return write_base32(head);
}

std::string with(std::string_view text, std::size_t at, char c) {
  std::string changed{text};
  changed.at(at) = c;
  return changed;
}

template <class Accept>
void check_every_damage_is_refused(std::string_view good, Accept accept) {
  REQUIRE(accept(good));
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    REQUIRE_FALSE(accept(good.substr(0, size)));
  }
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    CAPTURE(bit);
    const std::size_t at = bit / 8;
    REQUIRE_FALSE(accept(with(good, at, static_cast<char>(good[at] ^ 1 << bit % 8))));
  }
}

}  // namespace

TEST_CASE("nkey: the same 32 bytes make a key of each type, spelled as nats-io/nkeys spells it",
          "[nats]") {
  struct Case {
    Prefix prefix;
    const char* key;
    const char* seed;
  };
  const auto vector = GENERATE(values<Case>({
      {Prefix::account, "AAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3QPZV",
       "SAAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4HYMHI"},
      {Prefix::user, "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK",
       "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y"},
      {Prefix::server, "NAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RSWB",
       "SNAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H2D5U"},
      {Prefix::operator_key, "OAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3QZVT",
       "SOAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H2AJA"},
      {Prefix::curve, "XCHUBRNNW2HSKYSK4WZBJ2TWPJXMSTMCTU6XWXQ22G5G6PRBHAUF76G7",
       "SXAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H74KM"},
  }));
  CAPTURE(vector.key);
  const KeyPair made{vector.prefix, counting()};
  CHECK(write_public_key(made.public_key()) == vector.key);
  CHECK(made.seed().view() == vector.seed);

  const auto read = read_seed(vector.seed);
  REQUIRE(read);
  CHECK(read->public_key() == made.public_key());
  CHECK(read_public_key(vector.key) == made.public_key());
  CHECK(read_public_key(vector.key, vector.prefix) == made.public_key());
}

TEST_CASE("nkey: the documentation's seeds belong to the documentation's keys", "[nats]") {
  const auto issuer = read_seed("SAANDLKMXL6CUS3CP52WIXBEDN6YJ545GDKC65U5JZPPV6WH6ESWUA6YAI");
  REQUIRE(issuer);
  CHECK(write_public_key(issuer->public_key()) ==
        "ABJHLOVMPA4CI6R5KLNGOB4GSLNIY7IOUPAJC4YFNDLQVIOBYQGUWVLA");
  CHECK(issuer->public_key().bytes == Key32{0x52, 0x75, 0xba, 0xac, 0x78, 0x38, 0x24, 0x7a,
                                            0x3d, 0x52, 0xda, 0x67, 0x07, 0x86, 0x92, 0xda,
                                            0x8c, 0x7d, 0x0e, 0xa3, 0xc0, 0x91, 0x73, 0x05,
                                            0x68, 0xd7, 0x0a, 0xa1, 0xc1, 0xc4, 0x0d, 0x4b});
  CHECK(issuer->seed().view() == "SAANDLKMXL6CUS3CP52WIXBEDN6YJ545GDKC65U5JZPPV6WH6ESWUA6YAI");

  const auto xkey = read_seed("SXANPB47UINQR7EXT3BRP26A4LY2CMCDLTY2KX6BU3EGK2VZYREJ4IJRCE");
  REQUIRE(xkey);
  CHECK(write_public_key(xkey->public_key()) ==
        "XAMHJVPKHHPYZQQM2IVWXKJH36KDDZZMSJ32QKSQBUODFX4I4HARO4GL");
}

TEST_CASE("nkey: a public key with one letter less or one bit changed is refused", "[nats]") {
  check_every_damage_is_refused(kPublic, is_public_key);
}

TEST_CASE("nkey: a seed with one letter less or one bit changed is refused", "[nats]") {
  check_every_damage_is_refused(kSeed, is_seed);
}

TEST_CASE("nkey: of the 256 bytes that a key may begin with, six make a public key", "[nats]") {
  std::string letters;
  for (unsigned prefix = 0; prefix < 256; ++prefix) {
    const std::string text = checked({static_cast<std::uint8_t>(prefix)});
    if (is_public_key(text)) letters += text[0];
  }
  CHECK(letters == "ACNOUX");
}

TEST_CASE("nkey: of the 65536 pairs of bytes that a seed may begin with, six make a seed",
          "[nats]") {
  std::string letters;
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      const std::string text =
          checked({static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second)});
      if (is_seed(text)) letters += text.substr(0, 2) + " ";
    }
  }
  CHECK(letters == "SA SC SN SO SU SX ");
}

TEST_CASE("nkey: a public key has one spelling, one size and a known type", "[nats]") {
  REQUIRE(is_public_key(kPublic));
  REQUIRE(is_public_key(checked({0xA0})));
  const std::string good{kPublic};
  const auto [what, text] = GENERATE_COPY(table<const char*, std::string>({
      {"nothing", ""},
      {"lower case", "uab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3rlkk"},
      {"padded to a multiple of eight", good + "========"},
      {"a character in place of padding", with(good, 55, '=')},
      {"a space before", " " + good},
      {"a line end after", good + "\n"},
      {"a NUL after", good + std::string(1, '\0')},
      {"twice", good + good},
      {"a megabyte", std::string(1 << 20, 'A')},
      {"56 letters whose checksum does not hold", std::string(56, 'U')},
      {"31 key bytes", checked({0xA0}, 31)},
      {"33 key bytes", checked({0xA0}, 33)},
      {"no key bytes", checked({0xA0}, 0)},
      {"the type P, a private key", checked({0x78})},
      {"the type S, a seed", checked({0x90})},
      {"an unknown type", checked({0x08})},
      {"a letter that is right over a prefix that is not", checked({0xA1})},
      {"a seed", std::string{kSeed}},
  }));
  CAPTURE(what);
  CHECK_FALSE(is_public_key(text));
}

TEST_CASE("nkey: a seed has one spelling, one size and a known type", "[nats]") {
  REQUIRE(is_seed(kSeed));
  REQUIRE(is_seed(checked({0x95, 0x00})));
  const std::string good{kSeed};
  const auto [what, text] = GENERATE_COPY(table<const char*, std::string>({
      {"nothing", ""},
      {"lower case", "suaaaaicamcakbqhbaequcymbuha6earcijrifiwc4mbsgq3dqor4h776y"},
      {"padded to a multiple of eight", good + "======"},
      {"a space before", " " + good},
      {"a line end after", good + "\n"},
      {"twice", good + good},
      {"a megabyte", std::string(1 << 20, 'A')},
      {"the lower trailing bit", with(good, 57, 'Z')},
      {"the upper trailing bit", with(good, 57, '2')},
      {"31 key bytes", checked({0x95, 0x00}, 31)},
      {"33 key bytes", checked({0x95, 0x00}, 33)},
      {"no S", checked({0xA5, 0x00})},
      {"the lowest unused bit", checked({0x95, 0x01})},
      {"the highest unused bit", checked({0x95, 0x04})},
      {"the type P, a private key", checked({0x93, 0xC0})},
      {"the type S, a seed's seed", checked({0x94, 0x80})},
      {"an unknown type", checked({0x90, 0x40})},
      {"a public key", std::string{kPublic}},
  }));
  CAPTURE(what);
  CHECK_FALSE(is_seed(text));
}

TEST_CASE("nkey: a public key of another type than asked for is refused", "[nats]") {
  CHECK(read_public_key(kPublic, Prefix::user));
  CHECK_FALSE(read_public_key(kPublic, Prefix::account));
  CHECK_FALSE(read_public_key(kPublic, Prefix::curve));
}

TEST_CASE("nkey: a signature is good for one key, one message and no other bit", "[nats]") {
  const KeyPair pair{Prefix::user, counting()};
  const KeyPair other{Prefix::user, pair.public_key().bytes};
  const Signature good = pair.sign("message");
  CHECK(verify(pair.public_key(), "message", good));
  CHECK(verify(pair.public_key(), "", pair.sign("")));
  CHECK_FALSE(verify(pair.public_key(), "messagf", good));
  CHECK_FALSE(verify(pair.public_key(), "messag", good));
  CHECK_FALSE(verify(pair.public_key(), "", good));
  CHECK_FALSE(verify(other.public_key(), "message", good));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    CAPTURE(bit);
    Signature bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ 1 << bit % 8);
    REQUIRE_FALSE(verify(pair.public_key(), "message", bad));
  }
}

TEST_CASE("nkey: a key of small order verifies nothing", "[nats]") {
  const Key32 identity{1};
  Signature signature{1};  // R is the identity too and S is zero: R = S·B - h·A for every h
  CHECK_FALSE(verify({Prefix::user, identity}, "any message", signature));
  CHECK_FALSE(verify({Prefix::user, Key32{}}, "any message", Signature{}));
}

TEST_CASE("nkey: a curve key neither signs nor verifies, and the others have no scalar", "[nats]") {
  const KeyPair curve{Prefix::curve, counting()};
  const KeyPair user{Prefix::user, counting()};
  CHECK_THROWS_AS(curve.sign("message"), std::logic_error);
  CHECK_THROWS_AS(user.scalar(), std::logic_error);
  CHECK(equal_secrets(curve.scalar().bytes(), counting()));
  const PublicKey renamed{Prefix::curve, user.public_key().bytes};
  CHECK_FALSE(verify(renamed, "message", user.sign("message")));
}
