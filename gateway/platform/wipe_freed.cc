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

#ifndef CREDGATE_SANITIZED

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
