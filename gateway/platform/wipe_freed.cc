#include "gateway/platform/wipe_freed.h"

#include <cstddef>
#include <cstdlib>
#include <new>

#include <malloc.h>

#include "auth/base/secret.h"

namespace {

thread_local unsigned scopes = 0;

}  // namespace

namespace gateway {

WipeFreed::WipeFreed() {
  ++scopes;
}

WipeFreed::~WipeFreed() {
  --scopes;
}

}  // namespace gateway

// GCC defines a macro for each sanitizer; Clang has a feature for it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

#ifndef SANITIZED

// NOLINTBEGIN(cppcoreguidelines-no-malloc): these are what new and delete are made of

void* operator new(std::size_t size) {
  while (true) {
    if (void* at = std::malloc(size == 0 ? 1 : size)) return at;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc{};
    handler();
  }
}

void operator delete(void* at) noexcept {
  if (at != nullptr && scopes > 0) auth::wipe(at, malloc_usable_size(at));
  std::free(at);
}

void operator delete(void* at, std::size_t /*size*/) noexcept {
  operator delete(at);
}

// NOLINTEND(cppcoreguidelines-no-malloc)

#endif
