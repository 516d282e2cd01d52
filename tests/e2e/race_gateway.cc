// A gateway whose store moves at the worst moment: every credential that it finds is revoked
// between the lookup and the answer. It is the daemon's own code but for that. Says "ready" when it
// answers.

#include <cstdio>
#include <utility>

#include <signal.h>
#include <sodium.h>

#include "gateway/callout/callout.h"
#include "gateway/platform/time_zone.h"
#include "gateway/sessions/session_enforcer.h"

namespace {

store::Found find_then_revoke(store::Store& store, auth::Kind kind, std::string_view login) {
  store::Found found = store.find(kind, login);
  if (!found.credential || found.credential->status != auth::Status::active) return found;
  const store::Intent intent{
      .action = store::Action::revoke, .actor = "test", .at = {}, .revision = {}, .reason = {}};
  const auto changed = store.change(found.credential->id, intent,
                                    [](auth::Credential& c) { c.status = auth::Status::revoked; });
  if (!changed) throw store::Fault("the revocation was refused: " + changed.error().message);
  return found;  // as it was before
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || sodium_init() < 0) return 2;
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, nullptr);

  const gateway::Config config = gateway::load_config(argv[1]);
  const gateway::Keys keys = gateway::load_keys(config);
  store::Store store{config.store, keys.master};
  const gateway::CurrentRules rules{std::make_shared<const gateway::Rules>(gateway::Rules{
      auth::Judge{config.policy(), keys.master, gateway::zone_offset}, config.leeway})};
  gateway::Counters counters;
  gateway::StallDetectors stalls;
  gateway::Throttle throttle{config.throttle};
  const gateway::CredentialSource source{
      .find = [&](auth::Kind kind,
                  std::string_view login) { return find_then_revoke(store, kind, login); },
      .last_txn = [&] { return store.last_txn(); },
      .rehash = [](const std::string&, const auth::Judge::Rehash&) {}};
  gateway::SessionTable sessions;
  gateway::ConnectionStates connections;
  gateway::LameDuckSignal lame_ducks;
  gateway::ServerTimeout server_timeout;
  gateway::SessionEnforcer enforcer{
      config.system, *keys.system,
      gateway::SessionEnforcer::Shared{.state = connections.system,
                                       .lame_ducks = lame_ducks,
                                       .server_timeout = server_timeout,
                                       .sessions = sessions,
                                       .kicked = counters.kicked},
      [](const std::string&) { return std::nullopt; }};
  const gateway::CalloutDeps deps{
      .config = config,
      .keys = keys,
      .source = source,
      .rules = rules,
      .counters = counters,
      .state = connections.callout,
      .lame_ducks = lame_ducks,
      .server_timeout = server_timeout,
      .stalls = stalls,
      .throttle = throttle,
      .hooks = {
          .opened = [](const gateway::Session&, std::uint32_t) { return true; },
          .consume = [](const auth::SigEvidence&) { return auth::Deny::internal; },
          .guessed = [](const gateway::Guess&, bool) {},
          .close =
              [&enforcer](gateway::Session connection) { enforcer.close(std::move(connection)); },
          .decided = [](const gateway::DecisionEvent&) {},
          .probed = [](std::optional<auth::Deny>) {}}};
  gateway::Callout callout{deps};
  std::fputs("ready\n", stderr);
  int which = 0;
  sigwait(&term, &which);
  return 0;
}
