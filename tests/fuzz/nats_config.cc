#include "gateway/config/config.h"
#include "gateway/doctor/doctor.h"
#include "gateway/natsconf/users.h"

namespace {

gateway::OwnSide own_side_of(bool operator_mode) {
  const std::string id = "AAAQEAYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABB";
  return {.file = "credgate.conf",
          .operator_mode = operator_mode,
          .callout_account = operator_mode ? id : "AUTH",
          .has_system = true,
          .system_account = "SYS",
          .accounts = {{.name = "APP", .id = id, .signing_key = id}},
          .issuers = {"A"},
          .xkeys = {"X"},
          .gateway = "U",
          .system_user = "UU",
          .sentinels = {}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const gateway::NatsSurroundings around{
      .read_file = [](const std::string&) { return "V: {user: $E}\nusers: [$V]\n"; },
      .environment = [](std::string_view name) { return std::string{name.substr(0, 8)}; }};
  try {
    const auto configuration =
        gateway::read_nats_config(auth::text_of({bytes, size}), "nats.conf", around);
    for (const bool operator_mode : {false, true})
      examine(configuration, own_side_of(operator_mode), gateway::ServerVersion{2, 10, 27});
    read_nats_users(configuration);
  } catch (const auth::ConfigError&) {
    return 0;  // the only way to refuse one
  }
  return 0;
}
