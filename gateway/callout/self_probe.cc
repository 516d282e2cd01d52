#include "gateway/callout/self_probe.h"

#include <chrono>
#include <exception>

#include "auth/nats/account_jwt.h"
#include "gateway/nats/other_servers.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kJwtLifetime = 3min;
constexpr auto kPollInterval = 100ms;  // how soon it notices that the callout is connected

}  // namespace

SelfProbe::SelfProbe(const Deps& deps)
    : deps_(deps), thread_([this](const std::stop_token& stop) { run(stop); }) {}

// In operator mode a server asks about users of the callout account, and of no other.
NatsLogin SelfProbe::login(const Config& config) const {
  NatsLogin login{.key = deps_.logins.key_now(), .user_jwt = ""};
  if (!config.operator_mode) return login;
  const auto now = now_in_seconds();
  login.user_jwt =
      auth::write_setup_user({.key = login.key.public_key(),
                              .name = std::string(auth::kProbeId),
                              .until = now + kJwtLifetime},
                             now, deps_.keys.callout_signer(*deps_.keys.callout_account));
  return login;
}

void SelfProbe::connect_once() {
  try {
    const std::shared_ptr<const Config> config = deps_.config.load();
    const NatsLogin own = login(*config);
    const Connection connection = connect(for_any(config->nats, deps_.callout, probed_), own,
                                          "credgate probe", Sending::prompt, deps_.lame_ducks);
    probed_ = url_of(connection);
    const ConnectionId id = id_of(connection);
    const auto grant = deps_.grants.find(id.server_id, id.cid);
    deps_.readiness.came_through(grant ? grant->probed : "");
  } catch (const std::exception& fault) {
    deps_.readiness.failed(fault.what());
  }
}

void SelfProbe::log_change() {
  const auto now = Readiness::Clock::now();
  const Readiness::Is is = deps_.readiness.get(now);
  if (is.ready == was_ready_) return;
  // At first it may take some probes until this daemon is the one that is asked.
  if (!was_ready_ && !is.ready && now - began_ < Readiness::kGood) return;
  was_ready_ = is.ready;
  log(is.ready ? Level::info : Level::error, is.ready ? "ready" : "not_ready",
      {{"error", is.why_not}});
}

void SelfProbe::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!deps_.callout.another_up("")) {
      pause_.wait(stop, kPollInterval);
      continue;
    }
    connect_once();
    if (stop.stop_requested()) return;
    log_change();
    // Why it was refused is heard a moment later, and then the next one is due sooner.
    const auto probed = Readiness::Clock::now();
    while (!stop.stop_requested() && Readiness::Clock::now() - probed < deps_.readiness.pause()) {
      pause_.wait(stop, kPollInterval);
    }
  }
}

}  // namespace gateway
