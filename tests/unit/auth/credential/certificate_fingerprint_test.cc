#include "auth/credential/certificate_fingerprint.h"

#include <fstream>
#include <iterator>
#include <vector>

#include "auth/base/base64.h"
#include "auth/base/bytes.h"
#include "tests/support/catch.h"

using namespace auth;
using namespace std::string_literals;

namespace {

// What the openssl command prints of each file: `x509 -fingerprint -sha256`, and the SHA-256 of
// `x509 -pubkey | pkey -pubin -outform der`.
struct Vector {
  const char* file;
  const char* certificate;
  const char* public_key;
};
constexpr Vector kRsa{
    "rsa-2048.pem",
    "B0:07:C2:F0:00:57:2F:9A:6C:95:A7:96:E0:96:5C:2E:"
    "A3:A1:F3:5D:60:83:2A:9D:6C:8C:B2:76:7E:08:3B:F8",
    "61725f9e7894d31d1f421839486648a47fdbfa593f6b9f245c5e68f6e800c1b8",
};
constexpr Vector kP256{
    "p-256.pem",
    "BA:17:E3:B9:62:EB:43:37:BC:07:A8:38:AB:89:3A:A8:"
    "87:56:40:B4:44:E7:EC:0B:57:57:19:4B:C0:80:5D:92",
    "e1249c119ad025143c892180d8074de389d426150227dfe22a0aa1d057923018",
};
// Of version 1, issued by the one before.
constexpr Vector kEd25519{
    "ed25519.pem",
    "18:56:33:43:7C:F1:8C:94:C1:74:50:83:36:8C:4B:DE:"
    "25:55:81:B4:67:D8:C9:1D:CD:E3:DC:33:B5:1C:47:96",
    "da00ec3a6f665b24a10ad3576be2ed1900d7326c8626716004918b18f7e8c636",
};

std::string load(const std::string& name) {
  std::ifstream file{CREDGATE_SOURCE_DIR "/tests/vectors/certificates/" + name};
  REQUIRE(file);
  return {std::istreambuf_iterator<char>{file}, {}};
}

// Exactly as long as the text, without a terminator, so that the sanitizer sees one byte too far.
std::optional<Fingerprints> read(std::string_view pem) {
  const std::vector<char> exact(pem.begin(), pem.end());
  return read_certificate({exact.data(), exact.size()});
}

std::string pem_of(std::string_view der) {
  std::string base64 = write_unpadded_base64(bytes_of(der));
  base64.append((4 - base64.size() % 4) % 4, '=');
  return "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n";
}

std::string der_of(std::string_view pem) {
  std::string base64;
  const auto start = pem.find('\n');
  for (const char c : pem.substr(start, pem.find("-----END") - start)) {
    if (c != '\n') base64 += c;
  }
  return std::string{text_of(*read_base64(base64))};
}

std::string der(unsigned tag, std::string_view content) {
  std::string out{static_cast<char>(tag)};
  if (content.size() >= 0x100) {
    out += "\x82"s + static_cast<char>(content.size() >> 8);
  } else if (content.size() >= 0x80) {
    out += '\x81';
  }
  return out + static_cast<char>(content.size() & 0xFF) + std::string{content};
}

// A certificate with nothing in it that is not looked at, each part to be replaced by a broken one.
struct Parts {
  std::string version = der(0xA0, der(0x02, "\x02"));
  std::string serial = der(0x02, "\x01");
  std::string signature = der(0x30, "");
  std::string issuer = der(0x30, "");
  std::string validity = der(0x30, "");
  std::string subject = der(0x30, "");
  std::string public_key = der(0x30, der(0x30, "") + der(0x03, "\0key"s));
  std::string tail{};
  std::string algorithm = der(0x30, "");
  std::string value = der(0x03, "\0signature"s);
  std::string after{};

  std::string build() const {
    const std::string tbs =
        der(0x30, version + serial + signature + issuer + validity + subject + public_key + tail);
    return der(0x30, tbs + algorithm + value + after);
  }
};

struct Row {
  const char* what;
  Parts parts;
};

}  // namespace

TEST_CASE("certificate_fingerprint: a certificate has the fingerprints that openssl prints",
          "[credential]") {
  const auto vector = GENERATE(kRsa, kP256, kEd25519);
  CAPTURE(vector.file);
  const auto prints = read(load(vector.file));
  REQUIRE(prints);
  CHECK(certificate_login(prints->certificate) == read_fingerprint(vector.certificate));
  CHECK(public_key_login(prints->public_key) == "spki-sha256:"s + vector.public_key);
}

TEST_CASE("certificate_fingerprint: of a chain the first certificate is read", "[credential]") {
  const std::string chain = load("chain.pem");
  CHECK(chain == load("ed25519.pem") + load("p-256.pem"));
  CHECK(read(chain) == read(load("ed25519.pem")));
  CHECK(read(chain));
}

TEST_CASE(
    "certificate_fingerprint: a certificate is found in the text around it, with either line end",
    "[credential]") {
  const std::string pem = load("p-256.pem");
  const auto prints = read(pem);
  REQUIRE(prints);
  const std::string der = der_of(pem);
  std::string crlf;
  for (const char c : pem)
    crlf += c == '\n' ? "\r\n"s : std::string{c};

  const auto [what, text] = GENERATE_COPY(table<const char*, std::string>({
      {"CRLF", crlf},
      {"CRLF and text before", "subject=CN = devices\r\n\r\n" + crlf},
      {"text before", "Certificate:\n    Data:\n        Version: 3 (0x2)\n" + pem},
      {"text after", pem + "and so on"},
      {"another block before",
       "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + pem},
      {"a broken block after", pem + "-----BEGIN CERTIFICATE-----\n?"},
      {"no end of the last line", pem.substr(0, pem.size() - 1)},
      {"one long line", pem_of(der)},
  }));
  CAPTURE(what);
  CHECK(read(text) == prints);
}

TEST_CASE("certificate_fingerprint: a text without one whole block is not a certificate",
          "[credential]") {
  const std::string pem = load("p-256.pem");
  const std::string begin = "-----BEGIN CERTIFICATE-----\n";
  const std::string end = "-----END CERTIFICATE-----\n";
  const std::string body = pem.substr(begin.size(), pem.size() - begin.size() - end.size());
  REQUIRE(read(begin + body + end));
  std::string spaced = body;
  spaced.insert(10, " ");

  const auto [what, text] = GENERATE_COPY(table<const char*, std::string>({
      {"nothing", ""},
      {"text", "no certificate"},
      {"DER", der_of(pem)},
      {"no begin", body + end},
      {"no end", begin + body},
      {"no body", begin + end},
      {"the end of another block", begin + body + "-----END PUBLIC KEY-----\n"},
      {"another begin", "-----BEGIN X509 CERTIFICATE-----\n" + body + end},
      {"a begin in lower case", "-----begin certificate-----\n" + body + end},
      {"a begin within a line", "x" + begin + body + end},
      {"a begin with a space after it", "-----BEGIN CERTIFICATE----- \n" + body + end},
      {"an end within a line", begin + body.substr(0, body.size() - 1) + end},
      {"a space within", begin + spaced + end},
      {"a header", begin + "Proc-Type: 4,ENCRYPTED\n\n" + body + end},
      {"a character cut off", begin + body.substr(1) + end},
      {"two bodies in one block", begin + body + body + end},
      {"a broken block first", begin + "?\n" + end + pem},
      {"an unfinished block first", begin + pem},
      {"too much text", std::string(kMaxCertificateBytes, '\n') + pem},
  }));
  CAPTURE(what);
  CHECK_FALSE(read(text));
}

TEST_CASE("certificate_fingerprint: a certificate may be as long as its text, but no longer",
          "[credential]") {
  const std::string pem = load("p-256.pem");
  const std::string padding(kMaxCertificateBytes - pem.size(), '\n');
  CHECK(read(padding + pem));
  CHECK_FALSE(read("\n" + padding + pem));
}

TEST_CASE("certificate_fingerprint: no prefix of a certificate is one", "[credential]") {
  const auto vector = GENERATE(kRsa, kP256, kEd25519);
  CAPTURE(vector.file);
  const std::string pem = load(vector.file);
  for (std::size_t size = 0; size + 1 < pem.size(); ++size)
    CHECK_FALSE(read(pem.substr(0, size)));
  const std::string whole = der_of(pem);
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_FALSE(read(pem_of(whole.substr(0, size))));
  CHECK(read(pem_of(whole)) == read(pem));
  CHECK_FALSE(read(pem_of(whole + '\0')));
}

TEST_CASE("certificate_fingerprint: a certificate with one bit flipped is none or another one",
          "[credential]") {
  const auto vector = GENERATE(kRsa, kP256, kEd25519);
  CAPTURE(vector.file);
  const std::string good = der_of(load(vector.file));
  const auto prints = read(pem_of(good));
  REQUIRE(prints);
  std::size_t others = 0;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    const auto other = read(pem_of(flipped));
    if (!other) continue;
    ++others;
    if (other->certificate == prints->certificate) FAIL_CHECK("the same at bit " << bit);
  }
  CHECK(others > 0);
}

TEST_CASE("certificate_fingerprint: one bit flipped within the public key is another public key",
          "[credential]") {
  const std::string good = der_of(load("ed25519.pem"));
  const auto prints = read(pem_of(good));
  REQUIRE(prints);
  // RFC 8410 §4: the algorithm, and the bit string's header before 32 bytes of key.
  const auto at = good.find("\x30\x2A\x30\x05\x06\x03\x2B\x65\x70\x03\x21\0"s) + 12;
  REQUIRE(at >= 12);
  for (std::size_t i = at; i < at + 32; ++i) {
    std::string flipped = good;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    const auto other = read(pem_of(flipped));
    REQUIRE(other);
    CHECK(other->public_key != prints->public_key);
  }
}

TEST_CASE("certificate_fingerprint: every part that may be there or not is read past",
          "[credential]") {
  const auto row = GENERATE(values<Row>({
      {"the plain one", {}},
      {"version 1", {.version = ""}},
      {"version 2", {.version = der(0xA0, der(0x02, "\x01"))}},
      {"a long serial", {.serial = der(0x02, std::string(20, '\x7F'))}},
      {"a serial with its sign's zero", {.serial = der(0x02, "\0\x80"s)}},
      {"a long subject", {.subject = der(0x30, std::string(0x80, 'x'))}},
      {"a longer subject", {.subject = der(0x30, std::string(0x100, 'x'))}},
      {"unique identifiers", {.tail = der(0x81, "\0i"s) + der(0x82, "\0s"s)}},
      {"extensions", {.tail = der(0xA3, der(0x30, ""))}},
      {"all three", {.tail = der(0x81, "\0i"s) + der(0x82, "\0s"s) + der(0xA3, "")}},
  }));
  CAPTURE(row.what);
  const auto prints = read(pem_of(row.parts.build()));
  REQUIRE(prints);
  CHECK(prints->public_key == read(pem_of(Parts{}.build()))->public_key);
}

TEST_CASE("certificate_fingerprint: a certificate that signs others is told from a client's",
          "[credential]") {
  const auto extension = [](std::string_view value) {
    return der(0x30, der(0x06, "\x55\x1D\x13") + der(0x01, "\xFF") + der(0x04, value));
  };
  const std::string other = der(0x30, der(0x06, "\x55\x1D\x0F") + der(0x04, der(0x03, "\0\1"s)));
  const std::string yes = extension(der(0x30, der(0x01, "\xFF")));
  struct Case {
    const char* what;
    std::string extensions;
    bool authority;
  };
  const std::vector<Case> rows = {
      {"none", "", false},
      {"another one", other, false},
      {"CA:TRUE", yes, true},
      {"CA:TRUE behind another one", other + yes, true},
      {"CA:TRUE with a path length", extension(der(0x30, der(0x01, "\xFF") + der(0x02, "\0"s))),
       true},
      {"CA:FALSE", extension(der(0x30, der(0x01, "\0"s))), false},
      {"CA:FALSE by default", extension(der(0x30, "")), false},
      {"a boolean of two bytes", extension(der(0x30, der(0x01, "\xFF\xFF"))), false},
      {"no sequence", extension("\x01\xFF"), false},
      {"no extension", "\x01\x02\x03", false},
  };
  for (const Case& row : rows) {
    CAPTURE(row.what);
    const auto prints = read(pem_of(Parts{.tail = der(0xA3, der(0x30, row.extensions))}.build()));
    REQUIRE(prints);
    CHECK(prints->authority == row.authority);
  }
}

TEST_CASE("certificate_fingerprint: a certificate with one thing wrong in its structure is none",
          "[credential]") {
  const std::string key = der(0x03, "\0key"s);
  const auto row = GENERATE_COPY(values<Row>({
      {"version 1 spelled out", {.version = der(0xA0, der(0x02, "\0"s))}},
      {"version 4", {.version = der(0xA0, der(0x02, "\x03"))}},
      {"a version of two bytes", {.version = der(0xA0, der(0x02, "\x01\x02"))}},
      {"an empty version", {.version = der(0xA0, "")}},
      {"a version with more after it", {.version = der(0xA0, der(0x02, "\x02") + der(0x05, ""))}},
      {"two versions", {.version = der(0xA0, der(0x02, "\x02")) + der(0xA0, der(0x02, "\x02"))}},
      {"no serial", {.serial = ""}},
      {"an empty serial", {.serial = der(0x02, "")}},
      {"a serial with a zero too many", {.serial = der(0x02, "\0\x01"s)}},
      {"a negative serial with a byte too many", {.serial = der(0x02, "\xFF\x80")}},
      {"a serial that is not an integer", {.serial = der(0x04, "\x01")}},
      {"no signature algorithm", {.signature = ""}},
      {"a signature algorithm that is a set", {.signature = der(0x31, "")}},
      {"no issuer", {.issuer = ""}},
      {"an issuer that is a set", {.issuer = der(0x31, "")}},
      {"no validity", {.validity = ""}},
      {"a validity that is a time", {.validity = der(0x17, "260101000000Z")}},
      {"no subject", {.subject = ""}},
      {"a subject that is a set", {.subject = der(0x31, "")}},
      {"one sequence too many", {.subject = der(0x30, "") + der(0x30, "")}},
      {"no public key", {.public_key = ""}},
      {"an empty public key", {.public_key = der(0x30, "")}},
      {"a public key without an algorithm", {.public_key = der(0x30, key)}},
      {"a public key without its bits", {.public_key = der(0x30, der(0x30, ""))}},
      {"a public key with more after it", {.public_key = der(0x30, der(0x30, "") + key + key)}},
      {"a public key of no bits", {.public_key = der(0x30, der(0x30, "") + der(0x03, "\0"s))}},
      {"a public key of 31 bits",
       {.public_key = der(0x30, der(0x30, "") + der(0x03, "\x01key1"s))}},
      {"unique identifiers in the wrong order", {.tail = der(0x82, "\0s"s) + der(0x81, "\0i"s)}},
      {"two extensions", {.tail = der(0xA3, "") + der(0xA3, "")}},
      {"something after the extensions", {.tail = der(0xA3, "") + der(0x05, "")}},
      {"something unknown at the end", {.tail = der(0xA4, "")}},
      {"no algorithm", {.algorithm = ""}},
      {"an algorithm that is a set", {.algorithm = der(0x31, "")}},
      {"no signature", {.value = ""}},
      {"a signature that is an octet string", {.value = der(0x04, "\0signature"s)}},
      {"an empty signature", {.value = der(0x03, "")}},
      {"something after the signature", {.after = der(0x05, "")}},
      {"an indefinite length", {.subject = "\x30\x80\0\0"s}},
      {"a length of one byte that fits in none",
       {.subject = "\x30\x81\x7F" + std::string(127, 'x')}},
      {"a length of two bytes that fits in one",
       {.subject = "\x30\x82\0\xFF"s + std::string(255, 'x')}},
      {"a length of three bytes", {.subject = "\x30\x83\0\x01\0"s + std::string(256, 'x')}},
      {"a length of 127 bytes", {.subject = "\x30\xFF" + std::string(300, '\x01')}},
      {"a long tag", {.subject = "\x3F\x10\0"s}},
  }));
  CAPTURE(row.what);
  CHECK_FALSE(read(pem_of(row.parts.build())));
}

TEST_CASE(
    "certificate_fingerprint: a length beyond the end of what holds it is refused, however large",
    "[credential]") {
  for (const std::string& start :
       {"\x30"s, "\x30\x81"s, "\x30\x82"s, "\x30\x82\xFF"s, "\x30\x82\xFF\xFF"s, "\x30\x81\xFF"s,
        "\x30\x7F"s, "\x30\x84\xFF\xFF\xFF\xFF"s, "\x30\x88\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s}) {
    CAPTURE(start);
    CHECK_FALSE(read(pem_of(start)));
    CHECK_FALSE(read(pem_of(der(0x30, start))));
    CHECK_FALSE(read(pem_of(Parts{.subject = start}.build())));
  }
}

TEST_CASE("certificate_fingerprint: a login is a name for the hash and its 64 digits in lower case",
          "[credential]") {
  Hash32 hash{};
  for (std::size_t i = 0; i < hash.size(); ++i)
    hash[i] = static_cast<std::uint8_t>(0xA0 + i);
  const std::string digits = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf";
  CHECK(certificate_login(hash) == "sha256:" + digits);
  CHECK(public_key_login(hash) == "spki-sha256:" + digits);
  CHECK(read_fingerprint(certificate_login(hash)) == certificate_login(hash));
  CHECK(read_fingerprint(public_key_login(hash)) == public_key_login(hash));
}

TEST_CASE(
    "certificate_fingerprint: a fingerprint is read in each of its spellings and given in one",
    "[credential]") {
  const std::string digits = "ba17e3b962eb4337bc07a838ab893aa8875640b444e7ec0b5757194bc0805d92";
  const std::string upper = "BA17E3B962EB4337BC07A838AB893AA8875640B444E7EC0B5757194BC0805D92";
  const std::string colons = kP256.certificate;
  std::string lower_colons;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    lower_colons += (i == 0 ? "" : ":") + digits.substr(i, 2);

  CHECK(read_fingerprint("sha256:" + digits) == "sha256:" + digits);
  CHECK(read_fingerprint("sha256:" + upper) == "sha256:" + digits);
  CHECK(read_fingerprint("spki-sha256:" + upper) == "spki-sha256:" + digits);
  CHECK(read_fingerprint(colons) == "sha256:" + digits);
  CHECK(read_fingerprint(lower_colons) == "sha256:" + digits);
  CHECK(read_fingerprint("sha256 Fingerprint=" + colons) == "sha256:" + digits);
  CHECK(read_fingerprint("SHA256 Fingerprint=" + colons) == "sha256:" + digits);
}

TEST_CASE("certificate_fingerprint: a text in no form of a fingerprint is none", "[credential]") {
  const std::string digits = "ba17e3b962eb4337bc07a838ab893aa8875640b444e7ec0b5757194bc0805d92";
  const std::string colons = kP256.certificate;
  const auto [what, text] = GENERATE_COPY(table<const char*, std::string>({
      {"nothing", ""},
      {"digits that do not tell of what", digits},
      {"a name alone", "sha256:"},
      {"a name in upper case", "SHA256:" + digits},
      {"another name", "sha1:" + digits},
      {"a name twice", "sha256:sha256:" + digits},
      {"a digit missing", "sha256:" + digits.substr(1)},
      {"a digit too many", "sha256:" + digits + "0"},
      {"a byte missing", "spki-sha256:" + digits.substr(2)},
      {"a letter that is not a digit", "sha256:g" + digits.substr(1)},
      {"a byte above ASCII", "sha256:\xE1" + digits.substr(1)},
      {"a space before", " sha256:" + digits},
      {"a line end after", "sha256:" + digits + "\n"},
      {"a NUL after", "sha256:" + digits + '\0'},
      {"colons after a name", "sha256:" + colons},
      {"a colon after the last", colons + ":"},
      {"a colon before the first", ":" + colons},
      {"hyphens", std::string{colons}.replace(2, 1, "-")},
      {"a colon within a byte", "B:A" + colons.substr(3)},
      {"the label of SHA-1", "sha1 Fingerprint=" + colons},
      {"a label alone", "sha256 Fingerprint="},
      {"a label before digits", "sha256 Fingerprint=" + digits},
      {"the length of SHA-1", colons.substr(0, 59)},
  }));
  CAPTURE(what);
  const std::vector<char> exact(text.begin(), text.end());
  CHECK_FALSE(read_fingerprint({exact.data(), exact.size()}));
}

TEST_CASE(
    "certificate_fingerprint: a byte of a fingerprint has its spellings in two cases and no other",
    "[credential]") {
  const std::string rest(62, '0');
  std::size_t texts = 0;
  for (int i = 0; i < 65536; ++i) {
    const std::string byte{static_cast<char>(i >> 8), static_cast<char>(i & 0xFF)};
    if (read_fingerprint("sha256:" + byte + rest)) ++texts;
  }
  CHECK(texts == 22 * 22);
}
