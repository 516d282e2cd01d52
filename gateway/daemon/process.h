#pragma once
// The parts of the daemon's process, and what it does while it runs.

#include <chrono>
#include <memory>
#include <string>

#include "gateway/admin/admin_service.h"
#include "gateway/admin/sigv4_verifier.h"
#include "gateway/callout/auth_error_listener.h"
#include "gateway/callout/callout.h"
#include "gateway/callout/decision_sink.h"
#include "gateway/callout/rehasher.h"
#include "gateway/callout/replay_guard.h"
#include "gateway/callout/self_probe.h"
#include "gateway/callout/usage_recorder.h"
#include "gateway/config/current_config.h"
#include "gateway/config/keys.h"
#include "gateway/daemon/daemon.h"
#include "gateway/daemon/head_noter.h"
#include "gateway/monitor/control_socket.h"
#include "gateway/monitor/health.h"
#include "gateway/monitor/http_server.h"
#include "gateway/monitor/reload_state.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"
#include "gateway/platform/sd_notify.h"
#include "gateway/platform/signals.h"
#include "gateway/platform/watchdog.h"
#include "gateway/sessions/journal_watcher.h"
#include "gateway/sessions/session_enforcer.h"

namespace gateway {

// Every part of the daemon, in the order in which each needs those before it. They end in the
// reverse order.
class Daemon {
 public:
  // Opens the store, and starts every thread but those of the callout.
  Daemon(const ServeOptions& options, const ServeHooks& hooks);

  // Serves until a signal ends it, or the store is gone. Gives the exit code.
  int run(const Signals& signals);

 private:
  using Clock = std::chrono::steady_clock;

  std::unique_ptr<SessionEnforcer> make_enforcer(const ServeHooks& hooks);
  std::unique_ptr<AdminService> make_admin();
  std::unique_ptr<JournalWatcher> make_watcher(const ServeHooks& hooks);
  DecisionHooks make_decision_hooks();
  CalloutDeps make_callout_deps();
  void on_decision(const DecisionEvent& event);
  void log_start() const;
  std::string status_line() const;
  void reload();
  void do_what_is_due();
  void stop();

  const ServeOptions options_;
  const auth::Time started_ = now_in_seconds();
  CurrentConfig config_;
  const Keys keys_;
  const LogThread log_thread_;  // the first thread, and ends after all that logs
  store::Store store_;
  HeadState head_;
  const HeadNoter head_noter_;  // ends after all that changes the store
  CurrentRules rules_;

  Counters counters_;
  ConnectionStates connections_;
  LameDuckSignal lame_ducks_;
  LameDuckSignals callout_lame_ducks_;
  LameDuckSignals system_lame_ducks_;
  RequestFilter filter_;
  ServerTimeout server_timeout_;
  StallDetectors stalls_;
  RecentDecisions recent_;
  RecentGrants grants_;
  Readiness readiness_;
  SessionTable sessions_;
  Throttle throttle_;
  MissedLogins missed_;
  DecisionSink sink_;

  ProbeLogins probe_logins_;
  Rehasher rehasher_;
  UsageRecorder usage_;
  ReplayGuard replay_guard_;
  ReloadState reload_;
  const std::unique_ptr<SessionEnforcer> enforcer_;  // null: no system account is configured
  const CredentialSource source_;
  const Decider decider_;
  const SigV4Verifier verifier_;
  const std::unique_ptr<AdminService> admin_;  // null: no admin account is configured
  const std::unique_ptr<JournalWatcher> watcher_;
  const DecisionHooks decision_hooks_;
  const DecisionConsumer consumer_;

  const DaemonView view_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<ControlSocket> control_;
  SdNotify systemd_;
  const Watchdog watchdog_;
  AuthErrorListener auth_errors_;
  std::unique_ptr<SelfProbe> probe_;
  Callout callout_;

  std::string told_read_only_;
  static constexpr std::chrono::hours kHeadInterval{1};
  static constexpr std::chrono::seconds kControlRetryInterval{5};
  static constexpr std::chrono::seconds kSuppressedInterval{1};
  Clock::time_point next_suppressed_ = Clock::now() + kSuppressedInterval;
  Clock::time_point next_head_ = Clock::now() + kHeadInterval;
  Clock::time_point next_control_ = Clock::now() + kControlRetryInterval;
};

}  // namespace gateway
