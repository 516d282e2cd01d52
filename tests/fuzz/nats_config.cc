#include "gateway/config.h"
#include "gateway/nats_users.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const gateway::NatsSurroundings around{
      .read_file = [](const std::string&) { return "V: {user: $E}\nusers: [$V]\n"; },
      .environment = [](std::string_view name) { return std::string{name.substr(0, 8)}; }};
  try {
    read_nats_users(read_nats_config(auth::text_of({bytes, size}), "nats.conf", around));
  } catch (const gateway::ConfigError&) {
    return 0;  // the only way to refuse one
  }
  return 0;
}
