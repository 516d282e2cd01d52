#include "auth/base/secret.h"

#include <sodium.h>

namespace auth {

void wipe(void* at, std::size_t size) {
  sodium_memzero(at, size);
}

bool equal_secrets(Bytes a, Bytes b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace auth
