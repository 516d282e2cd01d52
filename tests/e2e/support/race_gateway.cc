// A gateway with something made to happen between the lookup of a decision and its answer.
//   race_gateway CONFIG        the store changes: every credential that is found is revoked. The
//                              journal closes no session of it: what a decision does not notice
//                              stays open
//   race_gateway CONFIG FILE   the thread waits for as long as FILE is there

#include <chrono>
#include <filesystem>
#include <thread>

#include <sodium.h>

#include "gateway/daemon/daemon.h"

namespace {

void revoke_found(store::Store& store, const store::Found& found) {
  if (!found.credential || found.credential->status != auth::Status::active) return;
  const store::Intent intent{
      .action = store::Action::revoke, .actor = "test", .at = {}, .revision = {}, .reason = {}};
  const auto changed = store.change(found.credential->id, intent,
                                    [](auth::Credential& c) { c.status = auth::Status::revoked; });
  if (!changed) throw store::Fault("the revocation was refused: " + changed.error().message);
}

void wait_while_there(const std::filesystem::path& file) {
  while (std::filesystem::exists(file))
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3 || sodium_init() < 0) return 2;
  if (argc == 3) {
    const auto wait = [file = argv[2]](auto& /*store*/, auto& /*found*/) {
      wait_while_there(file);
    };
    return gateway::serve({.config_file = argv[1]}, {.after_lookup = wait});
  }
  return gateway::serve({.config_file = argv[1]},
                        {.after_lookup = revoke_found, .watch_journal = false});
}
