#pragma once
// Random bytes. Decisions get them as an argument, and they come from here.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace gateway {

// Fresh random bytes from the kernel. Thread-safe.
void fill_random(std::span<std::uint8_t> bytes);

template <std::size_t N>
std::array<std::uint8_t, N> random_bytes() {
  std::array<std::uint8_t, N> bytes{};
  fill_random(bytes);
  return bytes;
}

}  // namespace gateway
