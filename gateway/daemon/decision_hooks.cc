#include "gateway/daemon/decision_hooks.h"

#include <chrono>
#include <utility>

#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {

std::optional<auth::Standing> standing(const store::Store& store, const CurrentRules& rules,
                                       const std::string& id) {
  try {
    const auto credential = store.get(id);
    if (!credential) return std::nullopt;
    const auto now = now_in_seconds();
    return rules.load()->judge.standing(*credential, now);
  } catch (const store::Damaged&) {
    return auth::Standing{};
  }
}

void act_on(SessionEnforcer& enforcer, const store::Entry& entry) {
  switch (entry.action) {
    case store::Action::suspend:
    case store::Action::revoke:
    case store::Action::withdraw:
    case store::Action::kick:
      return enforcer.close_all(entry.id);
    case store::Action::update:
    case store::Action::rotate:
    case store::Action::resume:
      return enforcer.review(entry.id);
    case store::Action::create:
    case store::Action::rehash:
      return;
  }
}

// Without a connection to the system account nothing can be closed, and nothing is remembered.
Decider::DecisionHooks make_hooks(std::optional<SessionEnforcer>& enforcer,
                                  std::optional<AdminService>& admin, UsageRecorder& usage,
                                  RecentDecisions& recent, Readiness& readiness,
                                  ReplayGuard& replay_guard, Throttle& throttle) {
  Decider::DecisionHooks hooks;
  hooks.opened = [&enforcer](const Session& connection, std::uint32_t most) {
    if (enforcer) return enforcer->admit(connection, most);
    return most == 0;  // what cannot be counted is not let in
  };
  hooks.consume = [&replay_guard](const auth::SigEvidence& evidence) {
    return replay_guard.consume(evidence);
  };
  hooks.guessed = [&throttle](const Guess& guess, bool granted) {
    granted ? throttle.proved(guess) : throttle.failed(guess);
  };
  hooks.close = [&enforcer](Session connection) {
    if (enforcer) return enforcer->close(std::move(connection));
    log(Level::error, "kick_impossible",
        {{"id", connection.credential},
         {"error", "there is no system connection in the configuration"}});
  };
  hooks.decided = [&admin, &usage, &recent](const DecisionEvent& decided) {
    usage.note(decided);
    if (decided.granted && decided.type == "sigv4") return;  // a proxy has a log of its own
    if (decided.type == "sigv4") log_decision_event(decided, "");
    recent.add(decided);
    if (admin) admin->tell(decided);
  };
  hooks.probed = [&readiness](std::optional<auth::Deny> denial) { readiness.judged(denial); };
  return hooks;
}

CredentialSource make_source(const store::Store& store, Rehasher& rehasher,
                             std::optional<Probe>& probe) {
  return {.find =
              [&store, &probe](auth::Kind kind, std::string_view login) {
                store::Found found = store.find(kind, login);
                store.check_files();  // after: what was read may be a ghost's
                if (!found.credential && probe) found.credential = probe->find(kind, login);
                return found;
              },
          .last_txn = [&store] { return store.last_txn(); },
          .rehash =
              [&rehasher](std::string id, auth::Judge::Rehash rehash) {
                rehasher.rehash(std::move(id), std::move(rehash));
              }};
}

}  // namespace gateway
