#include "auth/credential/master_key.h"

#include <numeric>
#include <set>

#include "auth/base/base64.h"
#include "tests/support/catch.h"

namespace auth {
namespace {

constexpr std::string_view kId = "CGAAAQEAYEAUDAOCAJBI";
constexpr std::string_view kText = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

MasterKey counting() {
  std::array<std::uint8_t, 32> entropy{};
  std::iota(entropy.begin(), entropy.end(), std::uint8_t{0});
  return MasterKey{entropy};
}

std::string hex(const Hash32& hash) {
  std::string text;
  for (const std::uint8_t byte : hash) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// The golden values were computed with another implementation of BLAKE2b (Python's hashlib).

TEST_CASE(
    "master_key: a key's id and hashes are those of the format, which orphans every record if it "
    "changes",
    "[credential]") {
  const MasterKey key = counting();
  CHECK(key.key_id() == "122bd27872f1df0c");
  CHECK(hex(key.hash_secret(kId, "correct horse")) ==
        "3219c03dd771d00a599aa9fc88a474a6d3e66d18a1940dfbb6238e515261b6bd");
  CHECK(hex(key.hash_journal("entry")) ==
        "0123b132dbefac38e4b0c74cd8ab817fc09a9ce97e63ddb6f7ced594d07e388b");
  CHECK(hex(key.hash_journal("")) ==
        "d7e26393ace7f79bc4fe02f672977c21d0c850a2f6aca8995b56a15dee61cace");
  CHECK(key.token_login("a token made elsewhere") == "EaH8l1mxiw7wzQtQC7zfI-Lj2MzjLtIqdIBHEBOJSUQ");
}

TEST_CASE("master_key: a hash belongs to one key, one id, one secret and one use", "[credential]") {
  const MasterKey key = counting();
  std::array<std::uint8_t, 32> entropy{};
  const MasterKey other{entropy};
  const std::set<Hash32> hashes = {
      key.hash_secret(kId, "secret"),
      other.hash_secret(kId, "secret"),
      key.hash_secret("CGAAAAAAAAAAAAAAAAAA", "secret"),
      key.hash_secret(kId, "secreT"),
      key.hash_secret(kId, "secre"),
      key.hash_secret(kId, ""),
      key.hash_secret(kId.substr(0, 19), "Isecret"),
      key.hash_journal(std::string{kId} + '\0' + "secret"),
  };
  CHECK(hashes.size() == 8);
  CHECK(hashes.contains(counting().hash_secret(kId, "secret")));
  CHECK(other.key_id() != key.key_id());
}

TEST_CASE(
    "master_key: a token's login belongs to one key and one token, and is not a hash of anything "
    "else",
    "[credential]") {
  const MasterKey key = counting();
  const MasterKey other{std::array<std::uint8_t, 32>{}};
  const auto text = [](const Hash32& hash) { return write_base64url(hash); };
  const std::set<std::string> logins = {
      key.token_login("secret"),
      key.token_login("secreT"),
      key.token_login("secre"),
      key.token_login(""),
      other.token_login("secret"),
      text(key.hash_journal("secret")),
      text(key.hash_secret("", "secret")),
      text(key.hash_secret(kId, "secret")),
  };
  CHECK(logins.size() == 8);
  CHECK(key.token_login("secret").size() == 43);
}

TEST_CASE("master_key: a key is read back from its text", "[credential]") {
  CHECK(counting().text().view() == kText);
  const auto key = read_master_key(kText);
  REQUIRE(key);
  CHECK(key->key_id() == counting().key_id());
  CHECK(key->text().view() == kText);
  CHECK(key->hash_secret(kId, "s") == counting().hash_secret(kId, "s"));
}

TEST_CASE("master_key: anything but the one text of a key is not a key", "[credential]") {
  const std::string good{kText};
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(read_master_key(good.substr(0, size)));
  }
  const auto [what, text] = GENERATE_COPY(table<const char*, std::string>({
      {"padded", good + "="},
      {"a line feed after", good + "\n"},
      {"a character more", good + "A"},
      {"a space in front", " " + good.substr(1)},
      {"trailing bits", good.substr(0, 42) + "9"},
      {"the standard alphabet", "+/" + good.substr(2)},
      {"a NUL within", good.substr(0, 20) + '\0' + good.substr(21)},
      {"no ASCII", good.substr(0, 42) + "\xFF"},
      {"hexadecimal", std::string(64, '0')},
  }));
  CAPTURE(what);
  CHECK_FALSE(read_master_key(text));
}

TEST_CASE("master_key: a moved key is the key, and what it was moved from is none",
          "[credential]") {
  MasterKey from = counting();
  const MasterKey to = std::move(from);
  CHECK(to.text().view() == kText);
  // What is left of a secret is what this looks at.
  CHECK(from.text().view() == std::string(43, 'A'));  // NOLINT(bugprone-use-after-move)
}

TEST_CASE(
    "master_key: what is sealed is opened by its key, for its credential, whole, and by nothing "
    "else",
    "[credential]") {
  const MasterKey key = counting();
  std::array<std::uint8_t, 24> nonce{};
  nonce.fill(7);
  const std::string sealed = key.seal("CGA", "a secret", nonce);
  REQUIRE(sealed.size() == 24 + 8 + 16);
  CHECK(sealed.find("a secret") == std::string::npos);
  const auto opened = key.open("CGA", sealed);
  REQUIRE(opened);
  CHECK(opened->view() == "a secret");
  CHECK_FALSE(key.open("CGB", sealed));
  CHECK_FALSE(MasterKey{std::array<std::uint8_t, 32>{}}.open("CGA", sealed));
  for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
    std::string flipped = sealed;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << i % 8));
    CHECK_FALSE(key.open("CGA", flipped));
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    CHECK_FALSE(key.open("CGA", sealed.substr(0, size)));
  nonce.fill(8);
  CHECK(key.seal("CGA", "a secret", nonce) != sealed);
  CHECK(key.open("CGA", key.seal("CGA", "", nonce))->view().empty());
}

TEST_CASE("master_key: the newest of several keys is the first, and there is never none",
          "[credential]") {
  std::vector<MasterKey> list;
  list.push_back(counting());
  list.push_back(MasterKey{std::array<std::uint8_t, 32>{}});
  const MasterKeys keys{std::move(list)};
  CHECK(keys.current().key_id() == counting().key_id());
  CHECK(keys.all().size() == 2);
  CHECK_THROWS_AS(MasterKeys{std::vector<MasterKey>{}}, std::logic_error);
}

TEST_CASE("master_key: a generated secret is forty characters that hold all of its entropy",
          "[credential]") {
  std::array<std::uint8_t, 30> entropy{};
  std::iota(entropy.begin(), entropy.end(), std::uint8_t{0});
  CHECK(make_secret(entropy).view() == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd");
  std::set<std::string> secrets;
  for (std::size_t bit = 0; bit < 240; ++bit) {
    entropy.fill(0);
    entropy[bit / 8] = static_cast<std::uint8_t>(1U << bit % 8);
    secrets.insert(std::string{make_secret(entropy).view()});
  }
  CHECK(secrets.size() == 240);
}

}  // namespace
}  // namespace auth
