// A gateway whose store changes at the worst moment: every credential that it finds is revoked
// between the lookup and the answer. The journal closes no session of it: what a decision does not
// notice stays open.

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

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || sodium_init() < 0) return 2;
  return gateway::serve({.config_file = argv[1]},
                        {.after_lookup = revoke_found, .watch_journal = false});
}
