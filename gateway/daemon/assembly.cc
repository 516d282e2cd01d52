// How the daemon's parts are made.

#include <cstdlib>
#include <utility>

#include "gateway/config/metrics_address.h"
#include "gateway/daemon/parts.h"
#include "gateway/daemon/process.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

std::vector<std::string> key_ids(const auth::MasterKeys& keys) {
  std::vector<std::string> ids;
  for (const auth::MasterKey& key : keys.all())
    ids.push_back(key.key_id());
  return ids;
}

}  // namespace

Daemon::Daemon(const ServeOptions& options, const ServeHooks& hooks)
    : options_(options),
      config_(read_configuration(options)),
      keys_(read_keys_then_become_owner(*config_.load())),
      store_(config_.load()->store, keys_.master, store::Store::Opening::newest),
      head_noter_(store_, head_),
      rules_(make_rules(*config_.load(), keys_)),
      connections_{
          .callout_links = LinkTable{config_.load()->nats.urls, config_.load()->nats.discover},
          .system_links = LinkTable{config_.load()->system.urls, config_.load()->system.discover}},
      throttle_(config_.load()->throttle, make_last_use(store_)),
      sink_(counters_.events_lost),
      probe_logins_(config_, keys_.master, makes_probes(*config_.load())),
      rehasher_(store_),
      usage_(store_, counters_.usage_lost),
      replay_guard_(config_.load()->run_dir, !config_.load()->sigv4_hosts.empty()),
      enforcer_(make_enforcer(hooks)),
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
             .enforcer = enforcer_.get(),
             .throttle = throttle_,
             .reload = reload_,
             .head = head_,
             .master_keys = key_ids(keys_.master),
             .readiness = probe_logins_.enabled() ? &readiness_ : nullptr}),
      systemd_(std::getenv("NOTIFY_SOCKET")),
      watchdog_(std::getenv("WATCHDOG_USEC"), std::getenv("WATCHDOG_PID"), systemd_,
                [this] { return stalled_worker(view_); }),
      auth_errors_(config_, keys_, lame_ducks_, connections_.callout_links,
                   {grants_, readiness_, counters_}),
      callout_(make_callout_deps()) {
  log_start();
  const auto config = config_.load();
  if (!config->metrics_listen.empty()) {
    http_ = std::make_unique<HttpServer>(config->metrics_listen, view_);
  } else if (!metrics_address(*config, options_.instance)) {
    log(Level::warning, "metrics_not_served",
        {{"error", "metrics.listen has no address for the instance " + options_.instance}});
  }
  control_ = open_control(view_, throttle_, /*log_failure=*/true);
  if (!probe_logins_.enabled()) return;
  probe_ = std::make_unique<SelfProbe>(SelfProbe::Deps{.config = config_,
                                                       .keys = keys_,
                                                       .logins = probe_logins_,
                                                       .callout = connections_.callout_links,
                                                       .lame_ducks = lame_ducks_,
                                                       .grants = grants_,
                                                       .readiness = readiness_});
}

std::unique_ptr<SessionEnforcer> Daemon::make_enforcer(const ServeHooks& hooks) {
  if (!keys_.system) return nullptr;
  return std::make_unique<SessionEnforcer>(
      config_.load()->system, *keys_.system,
      SessionEnforcer::Shared{.state = connections_.system,
                              .links = connections_.system_links,
                              .lame_ducks = system_lame_ducks_,
                              .server_timeout = server_timeout_,
                              .sessions = sessions_,
                              .kicked = counters_.kicked,
                              .journal = store_.totals().sequence},
      [this, ask = hooks.watch_journal](const std::string& id) {
        return ask ? session_rules(store_, rules_, id) : std::nullopt;
      },
      [this](const std::string& role_id, const std::string& after, std::size_t limit) {
        const auto slash = role_id.find('/');
        return store_.members(role_id.substr(0, slash), role_id.substr(slash + 1), after, limit)
            .ids;
      });
}

std::unique_ptr<AdminService> Daemon::make_admin() {
  if (config_.load()->admin_account.empty()) return nullptr;
  ClosingReplies::Lookup closing;
  if (enforcer_) {
    closing = [this](const ClosingRequest& request) {
      return enforcer_->closing(request.credential, request.sequence);
    };
  }
  return std::make_unique<AdminService>(
      config_, rules_, keys_, store_, verifier_,
      AdminService::Notes{counters_, connections_.admin, lame_ducks_, connections_.callout_links,
                          std::move(closing)});
}

std::unique_ptr<JournalWatcher> Daemon::make_watcher(const ServeHooks& hooks) {
  if (!hooks.watch_journal) return nullptr;
  return std::make_unique<JournalWatcher>(
      store_, config_.load()->store.directory,
      [this](const store::Entry& entry) {
        if (enforcer_) enforcer_->on_change(entry);
        if (admin_) admin_->look();
      },
      JournalWatcher::Earlier{.since = started_ - SessionEnforcer::kRemember,
                              .on_entry = [this](const store::Entry& entry) {
                                if (enforcer_) enforcer_->on_earlier(entry);
                              }});
}

// Without a connection to the system account nothing can be closed, and no session is counted.
DecisionHooks Daemon::make_decision_hooks() {
  return {.admit_session =
              [this](const Session& session, std::uint32_t most) {
                return enforcer_ ? enforcer_->admit(session, most) : most == 0;
              },
          .note_grant = [this](const Session& session,
                               const std::string& probed) { grants_.add(session, probed); },
          .close_session =
              [this](Session session) {
                if (enforcer_) return enforcer_->close(std::move(session));
                log(Level::error, "kick_impossible",
                    {{"id", session.credential}, {"error", "the configuration has no `system`"}});
              },
          .consume_signature =
              [this](const auth::SigEvidence& evidence, const auth::PublicKey& asker) {
                return replay_guard_.consume(evidence, asker);
              },
          .rehash =
              [this](std::string id, auth::Judge::Rehash rehash) {
                rehasher_.rehash(std::move(id), std::move(rehash));
              }};
}

CalloutDeps Daemon::make_callout_deps() {
  return {.config = config_.load(),
          .lame_ducks = callout_lame_ducks_,
          .state = connections_.callout,
          .table = connections_.callout_links,
          .filter = filter_,
          .pipeline = {.keys = keys_,
                       .rules = rules_,
                       .decider = decider_,
                       .hooks = decision_hooks_,
                       .throttle = throttle_,
                       .missed = missed_,
                       .sink = sink_,
                       .readiness = readiness_,
                       .server_timeout = server_timeout_,
                       .counters = counters_,
                       .stalls = stalls_,
                       .filter = filter_}};
}

}  // namespace gateway
