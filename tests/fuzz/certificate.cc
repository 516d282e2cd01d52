#include <cstdlib>

#include "auth/base/bytes.h"
#include "auth/credential/certificate_fingerprint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = auth::text_of({bytes, size});
  static_cast<void>(auth::read_certificate(text));
  const auto login = auth::read_fingerprint(text);
  if (login && auth::read_fingerprint(*login) != login) std::abort();
  return 0;
}
