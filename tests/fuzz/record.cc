#include <cstdlib>

#include "auth/credential/record_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto credential = auth::read_record_value(auth::text_of({bytes, size}));
  // One value has one spelling: what was read writes the same bytes.
  if (credential && auth::write_record_value(*credential) != auth::text_of({bytes, size}))
    std::abort();
  const auto role = auth::read_role_value(auth::text_of({bytes, size}));
  if (role && auth::read_role(auth::write_role(*role)) != role) std::abort();
  return 0;
}
