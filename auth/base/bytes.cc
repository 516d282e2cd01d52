#include "auth/base/bytes.h"

#include <sodium.h>

namespace auth {

void wipe(void* at, std::size_t size) {
  sodium_memzero(at, size);
}

bool equal_secrets(Bytes a, Bytes b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string lower_case(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace auth
