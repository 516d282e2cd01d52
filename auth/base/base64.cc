#include "auth/base/base64.h"

#include <array>
#include <cstddef>

#include <sodium.h>

#include "auth/base/secret.h"

namespace auth {
namespace {

constexpr int kUrl = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr int kUnpadded = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;

// Reading is done here: libsodium takes five microseconds for a request, a letter at a time, which
// is most of what a look into one costs. Here, too, nothing depends on what the letters are.

constexpr std::size_t kLetters = 64;  // of a block
constexpr std::size_t kGroups = kLetters / 4;
using Block = std::array<std::uint8_t, kLetters>;

struct Alphabet {
  std::uint8_t letter_62;
  std::uint8_t letter_63;
};
constexpr Alphabet kUrlAlphabet{'-', '_'};
constexpr Alphabet kStandardAlphabet{'+', '/'};

constexpr std::uint8_t narrow(unsigned value) {
  return static_cast<std::uint8_t>(value);
}

// `value` where `is_it`, else 0.
constexpr std::uint8_t only(bool is_it, unsigned value) {
  return narrow((0U - static_cast<unsigned>(is_it)) & value);
}

// Letters become values, of six bits. Gives 0 where each was one of the alphabet.
std::uint8_t read_letters(Block& block, Alphabet alphabet) {
  std::uint8_t others = 0;
  for (std::uint8_t& letter : block) {
    const bool upper = narrow(letter - 'A') < 26;
    const bool lower = narrow(letter - 'a') < 26;
    const bool digit = narrow(letter - '0') < 10;
    const bool is_62 = letter == alphabet.letter_62;
    const bool is_63 = letter == alphabet.letter_63;
    others |= only(!(upper | lower | digit | is_62 | is_63), 1);
    letter = only(upper, letter - 'A') | only(lower, letter - 'a' + 26U) |
             only(digit, letter - '0' + 52U) | only(is_62, 62) | only(is_63, 63);
  }
  return others;
}

void write_groups(std::uint8_t* out, const Block& values) {
  for (std::size_t i = 0; i < kGroups; ++i) {
    const unsigned group = unsigned{values[4 * i]} << 18 | unsigned{values[4 * i + 1]} << 12 |
                           unsigned{values[4 * i + 2]} << 6 | unsigned{values[4 * i + 3]};
    out[3 * i] = narrow(group >> 16);
    out[3 * i + 1] = narrow(group >> 8);
    out[3 * i + 2] = narrow(group);
  }
}

// `text` has no padding.
std::optional<std::vector<std::uint8_t>> read(std::string_view text, Alphabet alphabet) {
  const std::size_t rest = text.size() % 4;
  if (rest == 1) return std::nullopt;
  std::vector<std::uint8_t> bytes((text.size() / kLetters + 1) * kGroups * 3);
  Block block{};
  std::uint8_t others = 0;
  for (std::size_t at = 0; at < text.size(); at += kLetters) {
    block.fill('A');
    text.copy(reinterpret_cast<char*>(block.data()), kLetters, at);
    others |= read_letters(block, alphabet);
    write_groups(bytes.data() + at / 4 * 3, block);
  }
  wipe(block.data(), block.size());
  const std::size_t size = text.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1);
  // The bits after the last whole byte.
  if (others != 0 || bytes[size] != 0) {
    wipe(bytes.data(), bytes.size());
    return std::nullopt;
  }
  bytes.resize(size);
  return bytes;
}

std::string write(Bytes bytes, int variant) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
  text.pop_back();  // C's terminator
  return text;
}

}  // namespace

std::string write_base64url(Bytes bytes) {
  return write(bytes, kUrl);
}

std::optional<std::vector<std::uint8_t>> read_base64url(std::string_view text) {
  return read(text, kUrlAlphabet);
}

std::optional<std::vector<std::uint8_t>> read_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
    text.remove_suffix(1);
  return read(text, kStandardAlphabet);
}

std::string write_unpadded_base64(Bytes bytes) {
  return write(bytes, kUnpadded);
}

std::optional<std::vector<std::uint8_t>> read_unpadded_base64(std::string_view text) {
  return read(text, kStandardAlphabet);
}

}  // namespace auth
