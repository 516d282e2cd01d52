// Revokes each credential whose id it reads on standard input, as `credgate revoke` does, and
// writes when: nanoseconds of the monotonic clock before the write transaction and after its
// commit.

#include <chrono>
#include <iostream>
#include <string>

#include <sodium.h>

#include "gateway/config/keys.h"
#include "store/store.h"

namespace {

std::int64_t monotonic() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || sodium_init() < 0) return 2;
  const gateway::Config config = gateway::load_config(argv[1]);
  const auth::MasterKeys keys = gateway::load_master_keys(config);
  store::Store store{config.store, keys};
  const store::Intent intent{
      .action = store::Action::revoke, .actor = "bench", .at = {}, .revision = {}, .reason = {}};
  for (std::string id; std::getline(std::cin, id);) {
    const std::int64_t before = monotonic();
    const auto changed =
        store.change(id, intent, [](auth::Credential& c) { c.status = auth::Status::revoked; });
    if (!changed) return 1;
    std::cout << before << ' ' << monotonic() << std::endl;
  }
  return 0;
}
