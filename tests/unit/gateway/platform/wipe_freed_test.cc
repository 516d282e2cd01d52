#include "gateway/platform/wipe_freed.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

#include "tests/support/catch.h"

// A sanitizer watches freed memory, which this test must read.
#ifndef CREDGATE_SANITIZED

namespace {

constexpr std::size_t kBytes = 512;
constexpr unsigned char kSecret = 0x5A;
constexpr std::size_t kAllocators = 16;  // bytes that the allocator writes; one may be kSecret

// How many bytes of a block are what they were when it was freed. The allocator writes a few of its
// own into it; the block stays mapped, as one behind it is in use.
std::size_t left_behind() {
  auto* block = static_cast<unsigned char*>(::operator new(kBytes));
  const std::unique_ptr<char> behind = std::make_unique<char>();
  std::memset(block, kSecret, kBytes);
  const auto at = reinterpret_cast<std::uintptr_t>(block);
  ::operator delete(block);
  // The compiler must not see that this is the block again.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  const auto* volatile freed = reinterpret_cast<const volatile unsigned char*>(at);
  std::size_t left = 0;
  for (std::size_t i = 0; i < kBytes; ++i)
    left += freed[i] == kSecret ? 1U : 0U;
  return left;
}

}  // namespace

TEST_CASE("wipe_freed: within the scope freed memory is overwritten, outside it is not",
          "[platform]") {
  CHECK(left_behind() > kBytes / 2);
  {
    const gateway::WipeFreed scope;
    CHECK(left_behind() <= kAllocators);
    {
      const gateway::WipeFreed inner;
    }
    CHECK(left_behind() <= kAllocators);
  }
  CHECK(left_behind() > kBytes / 2);
}

#endif
