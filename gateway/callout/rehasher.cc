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
  const auto replace = [&](auth::Credential& credential) {
    const auto secret = std::ranges::find(credential.secrets, task.rehash.before);
    if (secret != credential.secrets.end()) *secret = task.rehash.after;
  };
  try {
    const auto changed = store_.change(task.id, intent, replace);
    if (!changed || !changed->changed) return;
    log(Level::info, "rehashed",
        {{"id", task.id}, {"scheme", std::string(name(task.rehash.after.scheme))}});
  } catch (const store::Full&) {
    // The next login asks again. `usage_lost` tells of the store: this would be said at each login.
  } catch (const store::ReadOnly&) {
    // Likewise, and `store_read_only`.
  }
}

}  // namespace gateway
