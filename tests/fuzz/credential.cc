#include <cstdlib>

#include "auth/base/json.h"
#include "auth/credential/credential_json.h"
#include "auth/credential/credential_read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto record = auth::read_json_object(auth::text_of({bytes, size}));
  auth::Credential credential;
  if (!record || auth::read_json(*record, credential)) return 0;
  static_cast<void>(auth::validate(credential));
  return 0;
}
