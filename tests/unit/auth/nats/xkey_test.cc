#include "auth/nats/xkey.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "auth/base/base64.h"
#include "auth/nats/jwt.h"
#include "tests/support/catch.h"

using namespace auth;

namespace {

using Buffer = std::vector<std::uint8_t>;
using Nonce = std::array<std::uint8_t, kSealNonceBytes>;

template <std::size_t N>
std::array<std::uint8_t, N> counting_from(unsigned first) {
  std::array<std::uint8_t, N> bytes{};
  for (std::size_t i = 0; i < N; ++i)
    bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

KeyPair server() {
  return KeyPair{Prefix::curve, counting_from<32>(0)};
}
KeyPair gateway() {
  return *read_seed("SXANPB47UINQR7EXT3BRP26A4LY2CMCDLTY2KX6BU3EGK2VZYREJ4IJRCE");
}

SharedKey shared(const KeyPair& ours, const KeyPair& theirs) {
  return *SharedKey::between(ours, theirs.public_key());
}

std::string sealed_example() {
  return shared(gateway(), server()).seal("hello callout", counting_from<24>(0));
}

// Through a buffer without a terminator, so that the sanitizer sees one byte too far.
std::optional<std::string> opened(const SharedKey& key, std::string_view sealed) {
  const Bytes bytes = bytes_of(sealed);
  const Buffer exact{bytes.begin(), bytes.end()};
  const auto plain = key.open(text_of(exact));
  if (!plain) return std::nullopt;
  return std::string{plain->view()};
}

std::string hex(std::string_view text) {
  std::string out;
  for (const unsigned byte : bytes_of(text)) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

nlohmann::json capture() {
  std::ifstream file{CREDGATE_SOURCE_DIR "/tests/vectors/sealed-request.json"};
  return nlohmann::json::parse(file);
}

}  // namespace

TEST_CASE("xkey: a message is sealed as nats-io/nkeys seals it", "[nats]") {
  CHECK(hex(sealed_example()) ==
        "786b7631000102030405060708090a0b0c0d0e0f101112131415161783d63671cbecf7523d984dcb2cc542ac"
        "379af7d5f3f0d3b94950c0b51d");
}

TEST_CASE("xkey: both ends open what either has sealed", "[nats]") {
  const SharedKey at_gateway = shared(gateway(), server());
  const SharedKey at_server = shared(server(), gateway());
  const Nonce nonce = counting_from<24>(9);
  const auto plain =
      GENERATE(as<std::string>{}, "", "x", "hello callout", std::string(70'000, 'z'));
  CHECK(opened(at_server, at_gateway.seal(plain, nonce)) == plain);
  CHECK(opened(at_gateway, at_server.seal(plain, nonce)) == plain);
  CHECK(at_server.seal(plain, nonce).size() == plain.size() + kSealOverhead);
}

TEST_CASE("xkey: a request that a real server has sealed opens to the JWT that it signed",
          "[nats]") {
  const nlohmann::json real = capture();
  const auto sealed = read_base64(real["sealed_b64"].get<std::string>());
  const auto ours = read_seed(real["xkey_seed"].get<std::string>());
  const auto theirs = read_public_key(real["server_xkey"].get<std::string>(), Prefix::curve);
  REQUIRE(sealed);
  REQUIRE(ours);
  REQUIRE(theirs);
  const auto key = SharedKey::between(*ours, *theirs);
  REQUIRE(key);
  const auto plain = key->open(text_of(*sealed));
  REQUIRE(plain);
  CHECK(plain->view() == real["jwt"].get<std::string>());

  const auto jwt = read_jwt(plain->view());
  REQUIRE(jwt);
  const auto issuer = read_public_key(real["claims"]["iss"].get<std::string>(), Prefix::server);
  REQUIRE(issuer);
  CHECK(verify(*jwt, *issuer));
  CHECK(nlohmann::json::parse(jwt->claims.view()) == real["claims"]);
}

TEST_CASE("xkey: a sealed message with its end cut off or one bit changed does not open",
          "[nats]") {
  const SharedKey key = shared(server(), gateway());
  const std::string good = sealed_example();
  REQUIRE(opened(key, good) == "hello callout");
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    REQUIRE_FALSE(opened(key, good.substr(0, size)));
  }
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    REQUIRE_FALSE(opened(key, bad));
  }
}

TEST_CASE("xkey: a sealed message is refused unless it is what was sealed, byte for byte",
          "[nats]") {
  const SharedKey key = shared(server(), gateway());
  const std::string good = sealed_example();
  const std::string empty = key.seal("", Nonce{});
  const auto [what, sealed] = GENERATE_COPY(table<const char*, std::string>({
      {"nothing", ""},
      {"the prefix alone", "xkv1"},
      {"no prefix", good.substr(4)},
      {"another version", "xkv2" + good.substr(4)},
      {"a prefix in capitals", "XKV1" + good.substr(4)},
      {"a byte before", "x" + good},
      {"a byte after", good + "x"},
      {"twice", good + good},
      {"prefix and zeros", "xkv1" + std::string(40, '\0')},
      {"plain text", "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.e30.AAAA"},
      {"an empty message whose tag is cut off", empty.substr(0, 43)},
  }));
  CAPTURE(what);
  CHECK_FALSE(opened(key, sealed));
}

TEST_CASE("xkey: the beginning of a sealed text is opened alone, whatever follows it", "[nats]") {
  const SharedKey key = shared(gateway(), server());
  const std::string text = std::string(100, 'a') + std::string(100, 'b');
  const std::string sealed = key.seal(text, counting_from<24>(7));
  for (const std::size_t size : {0U, 1U, 31U, 32U, 33U, 150U, 200U, 300U}) {
    CAPTURE(size);
    CHECK(key.open_beginning(sealed, size).view() == text.substr(0, size));
    const auto end = std::min(kSealOverhead + size, sealed.size());
    CHECK(key.open_beginning(sealed.substr(0, end), size).view() == text.substr(0, size));
  }
  CHECK(shared(KeyPair{Prefix::curve, counting_from<32>(9)}, server())
            .open_beginning(sealed, 100)
            .view() != text.substr(0, 100));
  CHECK(key.open_beginning(sealed.substr(0, kSealOverhead - 1), 100).empty());
  CHECK(key.open_beginning("e30." + sealed, 100).empty());
}

TEST_CASE("xkey: a third key opens nothing", "[nats]") {
  const KeyPair third{Prefix::curve, counting_from<32>(100)};
  CHECK_FALSE(opened(shared(third, gateway()), sealed_example()));
  CHECK_FALSE(opened(shared(third, server()), sealed_example()));
  CHECK_FALSE(opened(shared(server(), third), sealed_example()));
}

TEST_CASE("xkey: there is no shared key with a point of low order", "[nats]") {
  const KeyPair ours = gateway();
  Key32 prime{};  // 2^255 - 19, little-endian: another spelling of zero
  prime.fill(0xFF);
  prime.front() = 0xED;
  prime.back() = 0x7F;
  Key32 prime_less_one = prime;
  prime_less_one.front() = 0xEC;
  Key32 prime_and_one = prime;
  prime_and_one.front() = 0xEE;
  const Key32 order_8{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
                      0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
                      0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00};
  const Key32 other_8{0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
                      0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
                      0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57};
  const auto [what, point] = GENERATE_COPY(table<const char*, Key32>({
      {"zero", Key32{}},
      {"one", Key32{1}},
      {"a point of order 8", order_8},
      {"the other point of order 8", other_8},
      {"the prime less one", prime_less_one},
      {"the prime", prime},
      {"the prime and one", prime_and_one},
  }));
  CAPTURE(what);
  CHECK_FALSE(SharedKey::between(ours, {Prefix::curve, point}));
  CHECK(SharedKeys{ours}.with({Prefix::curve, point}) == nullptr);
}

TEST_CASE("xkey: only curve keys share a key", "[nats]") {
  const KeyPair user{Prefix::user, counting_from<32>(0)};
  const KeyPair ours = gateway();
  CHECK_FALSE(SharedKey::between(ours, user.public_key()));
  CHECK_FALSE(SharedKey::between(ours, {Prefix::user, server().public_key().bytes}));
  CHECK_THROWS_AS(SharedKey::between(user, server().public_key()), std::logic_error);
}

TEST_CASE(
    "xkey: each server's own key is found, however many have been met, and a bounded number kept",
    "[nats]") {
  const KeyPair ours = gateway();
  SharedKeys keys{ours};
  const auto other = [](unsigned n) { return KeyPair{Prefix::curve, counting_from<32>(n)}; };
  for (unsigned round = 0; round < 2; ++round) {
    for (unsigned n = 0; n < SharedKeys::kServers + 10; ++n) {
      CAPTURE(round, n);
      const KeyPair theirs = other(n);
      const std::string sealed = shared(theirs, ours).seal("hello", Nonce{});
      const SharedKey* key = keys.with(theirs.public_key());
      REQUIRE(key != nullptr);
      REQUIRE(opened(*key, sealed) == "hello");
      REQUIRE(opened(*keys.with(server().public_key()), sealed_example()) == "hello callout");
    }
  }
  CHECK(keys.size() == SharedKeys::kServers);
}
