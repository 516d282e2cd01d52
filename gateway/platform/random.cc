#include "gateway/platform/random.h"

#include <sodium.h>

namespace gateway {

void fill_random(std::span<std::uint8_t> bytes) {
  randombytes_buf(bytes.data(), bytes.size());
}

}  // namespace gateway
