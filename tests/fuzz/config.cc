#include "gateway/config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    static_cast<void>(gateway::read_config(auth::text_of({bytes, size}), "/nowhere/credgate.conf"));
  } catch (const auth::ConfigError&) {
    return 0;  // the only way to refuse one
  }
  return 0;
}
