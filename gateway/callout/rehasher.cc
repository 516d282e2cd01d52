#include "gateway/callout/rehasher.h"

#include <algorithm>

#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {

// Whatever has changed in the record since then stands: only this one secret, if it is still there
// as it was, is replaced.
void Rehasher::store_anew(const Task& task) {
  const store::Intent intent{.action = store::Action::rehash,
                             .actor = "credgate",
                             .at = now_in_seconds(),
                             .revision = {},
                             .reason = {}};
  const auto changed = store_.change(task.id, intent, [&](auth::Credential& credential) {
    const auto secret = std::ranges::find(credential.secrets, task.rehash.before);
    if (secret != credential.secrets.end()) *secret = task.rehash.after;
  });
  if (changed && changed->changed) {
    log(Level::info, "rehashed",
        {{"id", task.id}, {"scheme", std::string(name(task.rehash.after.scheme))}});
  }
}

}  // namespace gateway
