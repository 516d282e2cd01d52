#pragma once
// How the daemon's parts hear of each other: what a decision sets off, and what a change of the
// store does.

#include <optional>
#include <string>

#include "gateway/admin/admin_service.h"
#include "gateway/callout/decider.h"
#include "gateway/callout/decision_event.h"
#include "gateway/callout/rehasher.h"
#include "gateway/callout/replay_guard.h"
#include "gateway/callout/self_probe.h"
#include "gateway/callout/usage_recorder.h"
#include "gateway/sessions/session_enforcer.h"
#include "store/store.h"

namespace gateway {

// Absent for what this store does not have: another gateway's, or an import that was taken back.
std::optional<auth::Standing> standing(const store::Store& store, const CurrentRules& rules,
                                       const std::string& id);

// What the journal says goes for the connections that are open.
void act_on(SessionEnforcer& enforcer, const store::Entry& entry);

// Everything outlives what is given. An optional that is empty at first may be filled before the
// first decision.
Decider::DecisionHooks make_hooks(std::optional<SessionEnforcer>& enforcer,
                                  std::optional<AdminService>& admin, UsageRecorder& usage,
                                  RecentDecisions& recent, Readiness& readiness,
                                  ReplayGuard& replay_guard, Throttle& throttle);
CredentialSource make_source(const store::Store& store, Rehasher& rehasher,
                             std::optional<Probe>& probe);

}  // namespace gateway
