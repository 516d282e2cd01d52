#include "auth/base/base64.h"

#include <sodium.h>

namespace auth {
namespace {

constexpr int kUrl = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr int kStandard = sodium_base64_VARIANT_ORIGINAL;
constexpr int kUnpadded = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;

// libsodium is strict as long as it is told to ignore no character and given no place to say where
// it stopped. But 1.0.18 takes every byte above ASCII for the last letter.
std::optional<std::vector<std::uint8_t>> read(std::string_view text, int variant) {
  const auto above_ascii = [](std::uint8_t byte) { return byte > 0x7F; };
  if (std::ranges::any_of(bytes_of(text), above_ascii)) return std::nullopt;
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                        nullptr, variant) != 0) {
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
  return read(text, kUrl);
}

std::optional<std::vector<std::uint8_t>> read_base64(std::string_view text) {
  return read(text, kStandard);
}

std::string write_unpadded_base64(Bytes bytes) {
  return write(bytes, kUnpadded);
}

std::optional<std::vector<std::uint8_t>> read_unpadded_base64(std::string_view text) {
  return read(text, kUnpadded);
}

}  // namespace auth
