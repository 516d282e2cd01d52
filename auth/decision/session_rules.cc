// What the judge says of live connections.

#include <algorithm>

#include "auth/credential/validity.h"
#include "auth/decision/judge.h"

namespace auth {

SessionRules Judge::session_rules(const Credential& credential, Time now) const {
  const bool begun = !credential.not_before || now >= *credential.not_before;
  const bool over = credential.expires_at && !leaves_time(*credential.expires_at, now);
  SessionRules standing{.good = credential.status == Status::active && begun && !over,
                        .since = {},
                        .until = {},
                        .max_sessions = credential.max_sessions};
  for (const std::string& role : credential.roles)
    standing.roles.push_back(role_id(credential.account, role));
  const auto changes_at = [&](std::optional<Time> at) {
    if (at && *at > now) standing.until = std::min(*at, standing.until.value_or(*at));
  };
  changes_at(credential.expires_at);
  for (const StoredSecret& secret : credential.secrets) {
    changes_at(secret.expires_at);
    if (secret.expires_at && *secret.expires_at <= now) {
      standing.since = credential.secrets.back().created_at;
    }
  }
  return standing;
}

}  // namespace auth
