#include "auth/credential/password_hash.h"

#include <cstdlib>

#include "auth/base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto hash = auth::read_password_hash(auth::text_of({bytes, size}));
  if (!hash) return 0;
  const bool dear = hash->scheme == auth::PasswordScheme::bcrypt
                        ? hash->rounds_log2 > auth::kMaxBcryptRounds
                        : !auth::valid_password_cost(hash->cost);
  if (dear) std::abort();
  return 0;
}
