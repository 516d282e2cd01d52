#pragma once
// Overwrites what is freed while a secret is handled. A parser and a writer of JSON keep the text
// of a password in buffers of their own, and leave a copy behind each time that these grow.

// GCC defines a macro for each sanitizer; Clang has a feature for it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CREDGATE_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CREDGATE_SANITIZED
#endif
#endif

namespace gateway {

// While one of these exists, memory that its thread gives back to `operator delete` is overwritten
// first. It costs a write of each freed byte. What stays: buffers of C libraries, the stack.
// Without effect under a sanitizer (CREDGATE_SANITIZED), which has an allocator of its own.
class WipeFreed {
 public:
  WipeFreed();
  ~WipeFreed();
  WipeFreed(const WipeFreed&) = delete;
  WipeFreed& operator=(const WipeFreed&) = delete;
};

}  // namespace gateway
