#include <cctype>
#include <set>

#include "auth/base/base32.h"
#include "auth/base/base64.h"
#include "auth/base/bytes.h"
#include "auth/base/secret.h"
#include "tests/support/catch.h"

using namespace auth;
using namespace std::string_literals;

namespace {

using Buffer = std::vector<std::uint8_t>;
using Decoded = std::optional<Buffer>;

// Exactly as long as the text, without a terminator, so that the sanitizer sees one byte too far.
Buffer buffer(std::string_view text) {
  const Bytes bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

template <class Read>
Decoded decode(Read read, std::string_view text) {
  const Buffer exact = buffer(text);
  return read(text_of(exact));
}

// How many of all two-character texts, with `tail` after them, are read; each value at most once.
template <class Read>
std::size_t spellings_of_one_byte(Read read, std::string_view tail) {
  std::set<Buffer> values;
  std::size_t texts = 0;
  for (int i = 0; i < 65536; ++i) {
    const std::string text = std::string{static_cast<char>(i >> 8), static_cast<char>(i & 0xFF)};
    const Decoded bytes = decode(read, text + std::string{tail});
    if (!bytes) continue;
    ++texts;
    REQUIRE(bytes->size() == 1);
    values.insert(*bytes);
  }
  CHECK(values.size() == texts);
  return texts;
}

struct Pair {
  const char* plain;
  const char* text;
};

}  // namespace

TEST_CASE("encodings: base32 agrees with RFC 4648 but for the padding", "[base]") {
  const auto pair = GENERATE(values<Pair>({
      {"", ""},
      {"f", "MY"},
      {"fo", "MZXQ"},
      {"foo", "MZXW6"},
      {"foob", "MZXW6YQ"},
      {"fooba", "MZXW6YTB"},
      {"foobar", "MZXW6YTBOI"},
  }));
  CAPTURE(pair.plain);
  CHECK(write_base32(buffer(pair.plain)) == pair.text);
  CHECK(decode(read_base32, pair.text) == buffer(pair.plain));
}

TEST_CASE(
    "encodings: base64 agrees with RFC 4648, padded where it is standard and not where it is for "
    "URLs",
    "[base]") {
  struct Case {
    const char* plain;
    const char* url;
    const char* standard;
  };
  const auto good = GENERATE(values<Case>({
      {"", "", ""},
      {"f", "Zg", "Zg=="},
      {"fo", "Zm8", "Zm8="},
      {"foo", "Zm9v", "Zm9v"},
      {"foob", "Zm9vYg", "Zm9vYg=="},
      {"fooba", "Zm9vYmE", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
      {"\xFB\xEF\xBE\xFF", "----_w", "++++/w=="},
  }));
  CAPTURE(good.url);
  CHECK(write_base64url(buffer(good.plain)) == good.url);
  CHECK(decode(read_base64url, good.url) == buffer(good.plain));
  CHECK(decode(read_base64, good.standard) == buffer(good.plain));
}

TEST_CASE("encodings: unpadded base64 is standard base64 without its padding", "[base]") {
  const auto [plain, text] = GENERATE(table<const char*, std::string>({
      {"f", "Zg"},
      {"fo", "Zm8"},
      {"foo", "Zm9v"},
      {"\xFB\xEF\xBE\xFF", "++++/w"},
  }));
  CAPTURE(text);
  CHECK(write_unpadded_base64(buffer(plain)) == text);
  CHECK(decode(read_unpadded_base64, text) == buffer(plain));
  CHECK_FALSE(decode(read_unpadded_base64, text + "="));
}

TEST_CASE("encodings: what was written is read back, at every length and with every byte",
          "[base]") {
  Buffer bytes;
  for (unsigned i = 0; i < 300; ++i) {
    CAPTURE(i);
    CHECK(decode(read_base32, write_base32(bytes)) == bytes);
    CHECK(decode(read_base64url, write_base64url(bytes)) == bytes);
    CHECK(decode(read_unpadded_base64, write_unpadded_base64(bytes)) == bytes);
    bytes.push_back(static_cast<std::uint8_t>(i * 167 & 0xFF));
  }
}

TEST_CASE("encodings: no letter outside the alphabet is read, wherever it stands", "[base]") {
  const std::string good = write_base64url(Buffer(150, 0x5A));  // several blocks, and a part of one
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      const auto letter = static_cast<char>(byte);
      std::string text = good;
      text[at] = letter;
      const bool known = (byte < 0x80 && std::isalnum(byte) != 0) || letter == '-' || letter == '_';
      if (decode(read_base64url, text).has_value() != known) FAIL(at << ": " << byte);
    }
  }
}

TEST_CASE("encodings: one byte has one spelling among all texts of two characters", "[base]") {
  CHECK(spellings_of_one_byte(read_base32, "") == 256);
  CHECK(spellings_of_one_byte(read_base64url, "") == 256);
  CHECK(spellings_of_one_byte(read_base64, "==") == 256);
  CHECK(spellings_of_one_byte(read_unpadded_base64, "") == 256);
  CHECK(spellings_of_one_byte(read_base64url, "==") == 0);
  CHECK(spellings_of_one_byte(read_base64, "") == 0);
  CHECK(spellings_of_one_byte(read_base64, "=") == 0);
}

TEST_CASE("encodings: base32 refuses all but the one spelling", "[base]") {
  const auto [what, text] = GENERATE(table<const char*, std::string>({
      {"lower case", "mzxw6ytb"},
      {"one small letter", "MZXW6YTb"},
      {"padding", "MZXW6YQ="},
      {"nothing but padding", "========"},
      {"a digit outside the alphabet: 0", "MZXW6YT0"},
      {"a digit outside the alphabet: 1", "MZXW6YT1"},
      {"a digit outside the alphabet: 8", "MZXW6YT8"},
      {"a space before", " MZXW6YTB"},
      {"a line end after", "MZXW6YTB\n"},
      {"a hyphen within", "MZXW-6YTB"},
      {"a NUL after", "MZXW6YTB\0"s},
      {"a byte above ASCII", "MZXW6YT\xC1"},
      {"one character", "M"},
      {"three characters", "MAA"},
      {"six characters", "MZXW6A"},
      {"one character after a whole group", "MZXW6YTBA"},
      {"trailing bits after two", "MZ"},
      {"trailing bits after four", "MZXR"},
      {"trailing bits after five", "MZXW7"},
      {"trailing bits after seven", "MZXW6YR"},
  }));
  CAPTURE(what);
  CHECK_FALSE(decode(read_base32, text));
}

TEST_CASE("encodings: base64 for URLs refuses all but the one spelling", "[base]") {
  const auto [what, text] = GENERATE(table<const char*, std::string>({
      {"padding", "Zg=="},
      {"half of the padding", "Zg="},
      {"padding after a whole group", "Zm9v="},
      {"nothing but padding", "===="},
      {"the standard alphabet's plus", "++++"},
      {"the standard alphabet's slash", "//8A"},
      {"a space before", " Zm9v"},
      {"a space within", "Zm 9v"},
      {"a line end after", "Zm9v\n"},
      {"a carriage return within", "Zm\r9v"},
      {"a NUL after", "Zm9v\0"s},
      {"a NUL within", "Zm\0v"s},
      {"a byte above ASCII", "Zm9\xF6"},
      {"a dot", "Zm9v.Zm9v"},
      {"one character", "Z"},
      {"one character after a whole group", "Zm9vZ"},
      {"trailing bits after two", "Zh"},
      {"trailing bits after three", "Zm9"},
  }));
  CAPTURE(what);
  CHECK_FALSE(decode(read_base64url, text));
}

TEST_CASE("encodings: standard base64 refuses all but the one spelling", "[base]") {
  const auto [what, text] = GENERATE(table<const char*, std::string>({
      {"no padding after two", "Zg"},
      {"no padding after three", "Zm8"},
      {"half of the padding", "Zg="},
      {"padding too long after two", "Zg==="},
      {"padding too long after three", "Zm8=="},
      {"padding after a whole group", "Zm9v="},
      {"a group of padding", "Zm9v===="},
      {"nothing but padding", "===="},
      {"padding within", "Zg==Zm9v"},
      {"the URL alphabet's hyphen", "----"},
      {"the URL alphabet's underscore", "__8A"},
      {"a space before", " Zm9v"},
      {"a space within the padding", "Zg= ="},
      {"a line end after", "Zm9v\n"},
      {"a NUL after", "Zm9v\0"s},
      {"a byte above ASCII", "Zm9\xF6"},
      {"one character", "Z==="},
      {"trailing bits after two", "Zh=="},
      {"trailing bits after three", "Zm9="},
  }));
  CAPTURE(what);
  CHECK_FALSE(decode(read_base64, text));
}

TEST_CASE("encodings: secrets are equal only if every byte and the length are", "[base]") {
  const Buffer secret = buffer("correct horse");
  CHECK(equal_secrets(secret, buffer("correct horse")));
  CHECK(equal_secrets({}, {}));
  CHECK_FALSE(equal_secrets(secret, {}));
  CHECK_FALSE(equal_secrets(secret, buffer("correct hors")));
  CHECK_FALSE(equal_secrets(secret, buffer("correct horsf")));
  CHECK_FALSE(equal_secrets(secret, buffer("Correct horse")));
}

TEST_CASE("encodings: a secret that was moved leaves nothing behind", "[base]") {
  const std::array<std::uint8_t, 4> bytes{1, 2, 3, 4};
  const std::array<std::uint8_t, 4> zeros{};
  Secret<4> from{bytes};
  Secret<4> to{std::move(from)};
  CHECK(equal_secrets(to.bytes(), bytes));
  CHECK(equal_secrets(from.bytes(), zeros));  // NOLINT(bugprone-use-after-move): that is the point
  from = std::move(to);
  CHECK(equal_secrets(from.bytes(), bytes));
  CHECK(equal_secrets(to.bytes(), zeros));  // NOLINT(bugprone-use-after-move)
}
