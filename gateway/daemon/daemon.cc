#include "gateway/daemon/daemon.h"

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include <unistd.h>

#include "auth/base/text.h"
#include "gateway/config/config.h"
#include "gateway/daemon/parts.h"
#include "gateway/daemon/process.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

constexpr std::chrono::milliseconds kPollInterval{250};
// Below the unit's TimeoutStopSec=20, after which systemd kills it without a word.
constexpr std::chrono::seconds kMaxStop{15};  // answers what was taken, which has limits of its own
constexpr std::chrono::seconds kMaxEnd{5};    // writes the last uses, and notes the head

// LMDB's writer lock has no limit: a stopped process that has it would keep this one for ever.
// Whatever was answered is on disk.
void end_within(std::chrono::seconds limit, int code) {
  std::thread{[limit, code] {
    std::this_thread::sleep_for(limit);
    log(Level::error, "end_forced",
        {{"error", "another process keeps the store's writer lock, or a disk hangs"}});
    flush_log();
    _exit(code);
  }}.detach();
}

}  // namespace

void Daemon::on_decision(const DecisionEvent& event) {
  usage_.add(event);
  const bool of_proxy = event.type == "sigv4";
  if (of_proxy && event.granted) return;  // a proxy has a log of its own
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
  const std::string reload = reload_.sentence();
  const std::string configuration = reload.empty() ? "" : "; configuration: " + reload;
  if (!callout.up) {
    return "waiting for nats-server at " + auth::join(config_.load()->nats.urls) + configuration;
  }
  const auto problem = why_not_ready(view_);
  const std::string store = told_read_only_.empty() ? "" : "; the store takes no change";
  return "connected to nats-server at " + callout.server +
         (problem ? "; not ready: " + *problem : "") + store + configuration;
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
    reload_.set({.needs_restart = auth::join(left)});
    readiness_.forget_accounts();
    log(Level::info, "reloaded",
        {{"accounts", auth::join(next->accounts)}, {"region", next->region}});
  } catch (const auth::ConfigError& wrong) {
    log(Level::error, "reload_failed", {{"error", wrong.what()}});
    reload_.set({.error = wrong.what()});
  }
}

void Daemon::do_what_is_due() {
  const auto now = Clock::now();
  log_read_only(store_, told_read_only_);
  if (now >= next_suppressed_) {
    log_suppressed();
    callout_.log_dropped();
    next_suppressed_ = now + kSuppressedInterval;
  }
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
  log_read_only(store_, told_read_only_);
  log_without_roles(store_);
  systemd_.ready();  // it waits for nats-server by itself, however long that takes
  StallDetector::Thread thread{stalls_.workers};
  while (true) {
    callout_.report();
    systemd_.status(status_line());
    const int signal = signals.wait(kPollInterval);
    if (signal == SIGTERM || signal == SIGINT) break;
    const BusyScope busy{thread};
    if (signal == SIGHUP) {
      systemd_.reloading();
      reload();
      systemd_.ready();
    }
    if (!still_there(store_)) {
      if (admin_) admin_->stop();
      return 1;  // nothing may be granted from a store that is gone
    }
    do_what_is_due();
  }
  stop();
  return 0;
}

// Whoever watches and is slow does not keep clients waiting for the next daemon.
void Daemon::stop() {
  systemd_.stopping();
  end_within(kMaxStop, 0);
  // What waits for a server that hangs does so beside the others.
  if (probe_) probe_->request_stop();
  if (admin_) admin_->prepare_stop();
  auth_errors_.stop();
  http_.reset();
  control_.reset();
  callout_.drain();
  if (enforcer_) enforcer_->drain();
  if (admin_) admin_->stop();
  probe_.reset();
  log_suppressed();
  log_end(counters_);
}

int serve(const ServeOptions& options, const ServeHooks& hooks) {
  const Signals signals;
  Daemon daemon{options, hooks};
  const int code = daemon.run(signals);
  end_within(kMaxEnd, code);
  return code;
}

}  // namespace gateway
