#include "gateway/daemon/daemon.h"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "auth/base/text.h"
#include "gateway/admin/admin_service.h"
#include "gateway/admin/sigv4_verifier.h"
#include "gateway/callout/callout_supervisor.h"
#include "gateway/callout/decision_sink.h"
#include "gateway/callout/rehasher.h"
#include "gateway/callout/replay_guard.h"
#include "gateway/callout/self_probe.h"
#include "gateway/callout/usage_recorder.h"
#include "gateway/config/config.h"
#include "gateway/config/keys.h"
#include "gateway/daemon/parts.h"
#include "gateway/monitor/control_socket.h"
#include "gateway/monitor/health.h"
#include "gateway/monitor/http_server.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"
#include "gateway/platform/sd_notify.h"
#include "gateway/platform/signals.h"
#include "gateway/platform/watchdog.h"
#include "gateway/sessions/journal_watcher.h"
#include "gateway/sessions/session_enforcer.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kHeadInterval = 1h;
constexpr auto kControlRetryInterval = 5s;

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

  std::unique_ptr<SessionEnforcer> make_enforcer();
  std::unique_ptr<AdminService> make_admin();
  std::unique_ptr<JournalWatcher> make_watcher(const ServeHooks& hooks);
  DecisionHooks make_decision_hooks();
  CalloutSupervisor make_supervisor();
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
  store::Store store_;
  CurrentRules rules_;

  Counters counters_;
  ConnectionStates connections_;
  LameDuckSignal lame_ducks_;
  ServerTimeout server_timeout_;
  StallDetectors stalls_;
  RecentDecisions recent_;
  Readiness readiness_;
  SessionTable sessions_;
  Throttle throttle_;
  DecisionSink sink_;

  ProbeLogins probe_logins_;
  Rehasher rehasher_;
  UsageRecorder usage_;
  ReplayGuard replay_guard_;
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
  std::unique_ptr<SelfProbe> probe_;
  CalloutSupervisor supervisor_;

  Clock::time_point next_head_ = Clock::now() + kHeadInterval;
  Clock::time_point next_control_ = Clock::now() + kControlRetryInterval;
};

Daemon::Daemon(const ServeOptions& options, const ServeHooks& hooks)
    : options_(options),
      config_(read_configuration(options)),
      keys_(read_keys_then_become_owner(*config_.load())),
      store_(config_.load()->store, keys_.master),
      rules_(make_rules(*config_.load(), keys_)),
      throttle_(config_.load()->throttle),
      sink_(counters_.events_lost),
      probe_logins_(config_, keys_.master, makes_probes(*config_.load())),
      rehasher_(store_),
      usage_(store_, counters_.usage_lost),
      replay_guard_(config_.load()->run_dir, !config_.load()->sigv4_hosts.empty()),
      enforcer_(make_enforcer()),
      source_(make_source(store_, hooks)),
      decider_(source_, rules_, probe_logins_),
      verifier_(
          decider_,
          [this](std::string id, auth::Judge::Rehash rehash) {
            rehasher_.rehash(std::move(id), std::move(rehash));
          },
          counters_, sink_),
      admin_(make_admin()),
      watcher_(make_watcher(hooks)),
      decision_hooks_(make_decision_hooks()),
      consumer_(sink_, [this](const DecisionEvent& event) { on_decision(event); }),
      view_({.config = config_,
             .instance = options.instance,
             .started = started_,
             .counters = counters_,
             .connections = connections_,
             .store = store_,
             .stalls = stalls_,
             .recent = recent_,
             .sessions = sessions_,
             .throttle = throttle_,
             .readiness = probe_logins_.enabled() ? &readiness_ : nullptr}),
      systemd_(std::getenv("NOTIFY_SOCKET")),
      watchdog_(std::getenv("WATCHDOG_USEC"), std::getenv("WATCHDOG_PID"), systemd_,
                [this] { return stalled_worker(view_); }),
      supervisor_(make_supervisor()) {
  log_start();
  const auto config = config_.load();
  if (!config->metrics_listen.empty()) {
    http_ = std::make_unique<HttpServer>(config->metrics_listen, view_);
  }
  control_ = open_control(view_, throttle_, /*log_failure=*/true);
  if (!probe_logins_.enabled()) return;
  probe_ = std::make_unique<SelfProbe>(SelfProbe::Deps{.config = config_,
                                                       .keys = keys_,
                                                       .logins = probe_logins_,
                                                       .callout = connections_.callout,
                                                       .lame_ducks = lame_ducks_,
                                                       .readiness = readiness_});
}

std::unique_ptr<SessionEnforcer> Daemon::make_enforcer() {
  if (!keys_.system) return nullptr;
  return std::make_unique<SessionEnforcer>(
      config_.load()->system, *keys_.system,
      SessionEnforcer::Shared{.state = connections_.system,
                              .lame_ducks = lame_ducks_,
                              .server_timeout = server_timeout_,
                              .sessions = sessions_,
                              .kicked = counters_.kicked},
      [this](const std::string& id) { return session_rules(store_, rules_, id); });
}

std::unique_ptr<AdminService> Daemon::make_admin() {
  if (config_.load()->admin_account.empty()) return nullptr;
  return std::make_unique<AdminService>(
      config_, rules_, keys_, store_, verifier_,
      AdminService::Notes{counters_, connections_.admin, lame_ducks_});
}

std::unique_ptr<JournalWatcher> Daemon::make_watcher(const ServeHooks& hooks) {
  if (!hooks.watch_journal) return nullptr;
  return std::make_unique<JournalWatcher>(store_, config_.load()->store.directory,
                                          [this](const store::Entry& entry) {
                                            if (enforcer_) enforcer_->on_change(entry);
                                            if (admin_) admin_->look();
                                          });
}

// Without a connection to the system account nothing can be closed, and no session is counted.
DecisionHooks Daemon::make_decision_hooks() {
  return {.admit_session =
              [this](const Session& session, std::uint32_t most) {
                return enforcer_ ? enforcer_->admit(session, most) : most == 0;
              },
          .close_session =
              [this](Session session) {
                if (enforcer_) return enforcer_->close(std::move(session));
                log(Level::error, "kick_impossible",
                    {{"id", session.credential}, {"error", "the configuration has no `system`"}});
              },
          .consume_signature =
              [this](const auth::SigEvidence& evidence) { return replay_guard_.consume(evidence); },
          .rehash =
              [this](std::string id, auth::Judge::Rehash rehash) {
                rehasher_.rehash(std::move(id), std::move(rehash));
              }};
}

CalloutSupervisor Daemon::make_supervisor() {
  const CalloutDeps deps{.config = config_.load(),
                         .lame_ducks = lame_ducks_,
                         .pipeline = {.keys = keys_,
                                      .rules = rules_,
                                      .decider = decider_,
                                      .hooks = decision_hooks_,
                                      .throttle = throttle_,
                                      .sink = sink_,
                                      .readiness = readiness_,
                                      .server_timeout = server_timeout_,
                                      .counters = counters_,
                                      .stalls = stalls_}};
  return {auth::join(deps.config->nats.urls), [deps] { return std::make_unique<Callout>(deps); },
          connections_.callout, counters_};
}

void Daemon::on_decision(const DecisionEvent& event) {
  usage_.add(event);
  const bool of_proxy = event.type == "sigv4";
  if (of_proxy && event.granted) return;  // a proxy has a log of its own
  if (of_proxy) log_decision(event, "");
  recent_.add(event);
  if (admin_) admin_->tell(event);
}

void Daemon::log_start() const {
  const auto config = config_.load();
  const auto totals = store_.totals();
  log(Level::info, "serving",
      {{"store", config->store.directory.string()},
       {"store_id", totals.store_id},
       {"active", std::to_string(totals.active)},
       {"mode", config->operator_mode ? "operator" : "config"},
       {"issuer", public_keys(keys_.issuers)},
       {"xkey", keys_.xkeys.empty() ? "none" : public_keys(keys_.xkeys)}});
}

std::string Daemon::status_line() const {
  const ConnectionState::Is callout = connections_.callout.get();
  if (!callout.up) return "waiting for nats-server at " + auth::join(config_.load()->nats.urls);
  const auto problem = why_not_ready(view_);
  return "connected to nats-server at " + callout.server +
         (problem ? "; not ready: " + *problem : "");
}

// A wrong file changes nothing: the daemon goes on with what it has.
void Daemon::reload() {
  try {
    const auto running = config_.load();
    const auto wanted = read_configuration(options_);
    const auto left = needs_restart(*running, *wanted);
    if (!left.empty())
      log(Level::warning, "reload_needs_restart", {{"settings", auth::join(left)}});
    const auto next = std::make_shared<const Config>(with_reloadable(*running, *wanted));
    rules_.store(make_rules(*next, keys_));
    throttle_.set(next->throttle);
    config_.store(next);
    log(Level::info, "reloaded",
        {{"accounts", auth::join(next->accounts)}, {"region", next->region}});
  } catch (const auth::ConfigError& wrong) {
    log(Level::error, "reload_failed", {{"error", wrong.what()}});
  }
}

void Daemon::do_what_is_due() {
  const auto now = Clock::now();
  if (now >= next_head_) {
    log_head(store_);
    next_head_ += kHeadInterval;
  }
  if (!control_ && now >= next_control_) {
    control_ = open_control(view_, throttle_, /*log_failure=*/false);
    next_control_ += kControlRetryInterval;
  }
}

int Daemon::run(const Signals& signals) {
  log_head(store_);
  systemd_.ready();  // it waits for nats-server by itself, however long that takes
  StallDetector::Thread thread{stalls_.workers};
  while (true) {
    supervisor_.poll();
    systemd_.status(status_line());
    const int signal = signals.wait(supervisor_.pause());
    if (signal == SIGTERM || signal == SIGINT) break;
    const BusyScope busy{thread};
    if (signal == SIGHUP) {
      systemd_.reloading();
      reload();
      systemd_.ready();
    }
    do_what_is_due();
    if (!still_there(store_)) return 1;  // nothing may be granted from a store that is gone
  }
  stop();
  return 0;
}

// Whoever watches and is slow does not keep clients waiting for the next daemon.
void Daemon::stop() {
  systemd_.stopping();
  http_.reset();
  control_.reset();
  probe_.reset();
  supervisor_.drain();
  if (enforcer_) enforcer_->drain();
  if (admin_) admin_->stop();
  log_end(counters_);
}

}  // namespace

int serve(const ServeOptions& options, const ServeHooks& hooks) {
  const Signals signals;
  Daemon daemon{options, hooks};
  return daemon.run(signals);
}

}  // namespace gateway
