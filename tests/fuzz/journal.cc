#include "store/journal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static_cast<void>(store::read_entry(auth::text_of({bytes, size})));
  return 0;
}
