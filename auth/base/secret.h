#pragma once
// Buffers that hold secrets and are wiped at their end, and how secrets are compared.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "auth/base/bytes.h"

namespace auth {

// Overwrites memory so that the compiler cannot remove it.
void wipe(void* at, std::size_t size);

// N secret bytes, wiped on destruction. Not copyable, so that each copy of a key is deliberate; a
// move wipes its source. It cannot be printed.
template <std::size_t N>
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::span<const std::uint8_t, N> bytes) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
  }
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_.data(), N); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_.data(), N);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(bytes_.data(), N); }

  std::span<std::uint8_t, N> bytes() { return bytes_; }
  std::span<const std::uint8_t, N> bytes() const { return bytes_; }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) {}  // NOLINT(google-explicit-constructor): rebinding
  T* allocate(std::size_t n) { return std::allocator<T>{}.allocate(n); }
  void deallocate(T* at, std::size_t n) {
    wipe(at, n * sizeof(T));
    std::allocator<T>{}.deallocate(at, n);
  }
  bool operator==(const WipingAllocator&) const = default;
};

// Secret text of any length, wiped on destruction. It is a vector because a short std::string is
// stored inside its object, and a copy stays behind wherever it was moved from.
class SecretText {
 public:
  SecretText() = default;
  explicit SecretText(std::string_view text) : chars_(text.begin(), text.end()) {}
  // `size` zero bytes, to fill through chars().
  explicit SecretText(std::size_t size) : chars_(size) {}
  std::span<char> chars() { return chars_; }
  std::string_view view() const { return {chars_.data(), chars_.size()}; }
  bool empty() const { return chars_.empty(); }

 private:
  std::vector<char, WipingAllocator<char>> chars_;
};

// Constant-time comparison: the time depends only on the lengths.
bool equal_secrets(Bytes a, Bytes b);

}  // namespace auth
