#include "gateway/daemon/daemon.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/base/base64.h"
#include "gateway/admin/admin_service.h"
#include "gateway/callout/callout_supervisor.h"
#include "gateway/callout/rehasher.h"
#include "gateway/callout/self_probe.h"
#include "gateway/callout/usage_recorder.h"
#include "gateway/config/config.h"
#include "gateway/config/keys.h"
#include "gateway/daemon/decision_hooks.h"
#include "gateway/monitor/control_commands.h"
#include "gateway/monitor/control_socket.h"
#include "gateway/monitor/health.h"
#include "gateway/monitor/http_server.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"
#include "gateway/platform/privileges.h"
#include "gateway/platform/sd_notify.h"
#include "gateway/platform/signals.h"
#include "gateway/platform/time_zone.h"
#include "gateway/platform/watchdog.h"
#include "gateway/sessions/journal_watcher.h"
#include "gateway/sessions/session_enforcer.h"
#include "store/store.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kHeadPause = 1h;
constexpr auto kControlPause = 5s;

std::shared_ptr<const Rules> make_rules(const Config& config, const Keys& keys) {
  return std::make_shared<const Rules>(
      Rules{auth::Judge{config.policy(), keys.master, zone_offset}, config.leeway});
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list)
    text += (text.empty() ? "" : ", ") + item;
  return text;
}

// A wrong file changes nothing: the daemon goes on with what it has.
void reload(Config& config, const Keys& keys, CurrentRules& rules, Throttle& throttle) {
  try {
    const Config wanted = load_config(config.file);
    const auto left = needs_restart(config, wanted);
    if (!left.empty()) log(Level::warning, "reload_needs_restart", {{"settings", joined(left)}});
    // In operator mode each account comes with a key.
    if (!config.operator_mode && !wanted.operator_mode) config.accounts = wanted.accounts;
    config.region = wanted.region;
    config.sigv4_hosts = wanted.sigv4_hosts;
    config.leeway = wanted.leeway;
    config.throttle = wanted.throttle;
    rules.store(make_rules(config, keys));
    throttle.set(config.throttle);
    log(Level::info, "reloaded",
        {{"accounts", joined(config.accounts)}, {"region", config.region}});
  } catch (const auth::ConfigError& wrong) {
    log(Level::error, "reload_failed", {{"error", wrong.what()}});
  }
}

bool still_there(const store::Store& store) {
  try {
    static_cast<void>(store.last_txn());
    store.check_files();
    return true;
  } catch (const store::Gone& gone) {
    log(Level::error, "store_lost", {{"error", gone.what()}});
    return false;
  } catch (const store::Fault& fault) {
    if (!fault.final()) return true;  // what passes again does not end a daemon
    log(Level::error, "store_lost", {{"error", fault.what()}});
    return false;
  }
}

void log_end(const Counters& counters) {
  std::string dropped;
  for (std::size_t i = 0; i < counters.dropped.size(); ++i) {
    const auto n = counters.dropped.at(i).load();
    if (n == 0) continue;
    dropped += (dropped.empty() ? "" : " ") + std::string(name(static_cast<auth::Drop>(i))) + ":" +
               std::to_string(n);
  }
  log(Level::info, "stopped",
      {{"granted", std::to_string(counters.granted())},
       {"denied", std::to_string(counters.denied())},
       {"dropped", dropped},
       {"faults", std::to_string(counters.faults)},
       {"kicked", std::to_string(counters.kicked)}});
}

// What `credgate history --verify --from` takes: who keeps the log can tell that the journal was
// altered or cut.
void log_head(const store::Store& store) {
  try {
    const auto head = store.head();
    if (!head) return;
    log(Level::info, "journal_head",
        {{"head", std::to_string(head->sequence) + ":" + auth::write_base64url(head->hash)}});
  } catch (const store::Fault& fault) {
    log(Level::error, "fault", {{"error", fault.what()}});
  }
}

// Without it the daemon serves all the same: nobody is kept out because a directory is missing. The
// one that it replaces may still have the socket.
std::unique_ptr<ControlSocket> open_control(const DaemonView& view, Throttle& throttle, bool tell) {
  try {
    return std::make_unique<ControlSocket>(
        control_socket(view.config.run_dir, view.instance),
        [&](const nlohmann::json& question) { return answer_control(question, view, throttle); });
  } catch (const std::runtime_error& fault) {
    if (tell) log(Level::warning, "control_unavailable", {{"error", fault.what()}});
    return nullptr;
  }
}

struct AtEnd {
  std::function<void()> act;
  ~AtEnd() { act(); }
};

std::string status_line(const DaemonView& view) {
  const ConnectionState::Is callout = view.connections.callout.get();
  if (!callout.up) return "waits for nats-server at " + joined(view.config.nats.urls);
  const auto problem = why_not_ready(view);
  return "answers nats-server at " + callout.server +
         (problem ? "; lets nobody in: " + *problem : "");
}

}  // namespace

int serve(const ServeOptions& options) {
  const Signals signals;
  const auto started = now_in_seconds();
  Config config = load_config(options.config_file);
  std::string metrics =
      options.metrics_listen.empty() ? config.metrics_listen : options.metrics_listen;
  if (metrics == "off") metrics.clear();
  log_as(config.log_format);
  const Keys keys = load_keys(config);
  become_owner_of(config.store.directory);
  store::Store store{config.store, keys.master};
  const auto totals = store.totals();

  CurrentRules rules{make_rules(config, keys)};
  CurrentConfig current{std::make_shared<const Config>(config)};
  Counters counters;
  ConnectionStates connections;
  LameDuckSignal lame_ducks;
  ServerTimeout server_timeout;
  StallDetectors stalls;
  RecentDecisions recent;
  SessionTable sessions;
  Readiness readiness;
  Rehasher rehasher{store};
  UsageRecorder usage{store, counters.usage_lost};
  std::optional<SessionEnforcer> enforcer;
  std::optional<AdminService> admin;
  std::optional<Probe> probe;
  if (keys.system) {
    enforcer.emplace(config.system, *keys.system,
                     SessionEnforcer::Shared{.state = connections.system,
                                             .lame_ducks = lame_ducks,
                                             .server_timeout = server_timeout,
                                             .sessions = sessions,
                                             .kicked = counters.kicked},
                     [&](const std::string& id) { return standing(store, rules, id); });
  }
  const CredentialSource source = make_source(store, rehasher, probe);
  Throttle throttle{config.throttle};
  ReplayGuard replay_guard{config.run_dir, !config.sigv4_hosts.empty()};
  const Decider::DecisionHooks hooks =
      make_hooks(enforcer, admin, usage, recent, readiness, replay_guard, throttle);
  const SigV4Verifier verifier{source, rules, counters, hooks.decided};
  // Decisions are told to it, and its threads ask the verifier, who looks whether it is there: they
  // end after the ones and before the other, and it stays.
  const AtEnd no_admin_any_more{[&admin] {
    if (admin) admin->stop();
  }};
  if (!config.admin_account.empty()) {
    admin.emplace(current, rules, keys, store, verifier,
                  AdminService::Notes{counters, connections.admin, lame_ducks});
  }
  const JournalWatcher watcher{store, config.store.directory, [&](const store::Entry& entry) {
                                 if (enforcer) act_on(*enforcer, entry);
                                 if (admin) admin->look();
                               }};
  const CalloutDeps deps{.config = config,
                         .keys = keys,
                         .source = source,
                         .rules = rules,
                         .counters = counters,
                         .state = connections.callout,
                         .lame_ducks = lame_ducks,
                         .server_timeout = server_timeout,
                         .stalls = stalls,
                         .throttle = throttle,
                         .hooks = hooks};
  log(Level::info, "serving",
      {{"store", config.store.directory.string()},
       {"store_id", totals.store_id},
       {"active", std::to_string(totals.active)},
       {"mode", config.operator_mode ? "operator" : "config"},
       {"issuer", public_keys(keys.issuers)},
       {"xkey", keys.xkeys.empty() ? "none" : public_keys(keys.xkeys)}});

  const bool probes = !metrics.empty() && !probe_account(config).empty();
  const DaemonView view{.config = config,
                        .instance = options.instance,
                        .started = started,
                        .counters = counters,
                        .connections = connections,
                        .store = store,
                        .stalls = stalls,
                        .recent = recent,
                        .sessions = sessions,
                        .throttle = throttle,
                        .readiness = probes ? &readiness : nullptr};
  if (probes) probe.emplace(current, keys, connections.callout, lame_ducks, readiness);
  std::optional<HttpServer> http;
  if (!metrics.empty()) http.emplace(metrics, view);
  auto control = open_control(view, throttle, /*tell=*/true);
  SdNotify systemd{std::getenv("NOTIFY_SOCKET")};
  const Watchdog watchdog{std::getenv("WATCHDOG_USEC"), std::getenv("WATCHDOG_PID"), systemd,
                          [&view] { return stalled_worker(view); }};

  log_head(store);
  systemd.ready();  // it waits for nats-server by itself, however long that takes
  auto next_head = std::chrono::steady_clock::now() + kHeadPause;
  auto next_control = std::chrono::steady_clock::now() + kControlPause;
  StallDetector::Beat beat{stalls.workers};
  CalloutSupervisor supervisor{deps};
  while (true) {
    supervisor.poll();
    systemd.status(status_line(view));
    const int which = signals.wait(supervisor.pause());
    if (which == SIGTERM || which == SIGINT) break;
    beat.begin();
    if (which == SIGHUP) {
      systemd.reloading();
      reload(config, keys, rules, throttle);
      current.store(std::make_shared<const Config>(config));
      systemd.ready();
    }
    if (std::chrono::steady_clock::now() >= next_head) {
      log_head(store);
      next_head += kHeadPause;
    }
    if (!control && std::chrono::steady_clock::now() >= next_control) {
      control = open_control(view, throttle, /*tell=*/false);
      next_control += kControlPause;
    }
    if (!still_there(store)) return 1;  // nothing may be granted from a store that is gone
    beat.end();
  }
  systemd.stopping();
  // Whoever watches and is slow does not keep clients waiting for the next daemon.
  http.reset();
  control.reset();
  if (probe) probe->stop();
  supervisor.drain();
  if (enforcer) enforcer->drain();
  log_end(counters);
  return 0;
}

}  // namespace gateway
