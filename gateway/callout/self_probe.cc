#include "gateway/callout/self_probe.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <utility>

#include "auth/nats/account_jwt.h"
#include "gateway/nats/client.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kProbePause = 5s;
constexpr auto kShortPause = 1s;
constexpr auto kTicket = 3min;      // what the key is good for
constexpr auto kProbeLook = 100ms;  // how soon it is noticed that the callout is connected

auth::Minute this_minute() {
  return std::chrono::floor<std::chrono::minutes>(std::chrono::system_clock::now());
}

// Without the time that has passed: systemd is told each new text.
std::string since(Readiness::Clock::time_point then) {
  return then == Readiness::Clock::time_point{} ? "yet" : "within 30 s";
}

}  // namespace

std::string probe_account(const Config& config) {
  const auto may = [&config](const std::string& account) {
    const auto key = config.account_keys.find(account);
    return key == config.account_keys.end() || !key->second.scoped;
  };
  const auto found = std::ranges::find_if(config.accounts, may);
  return found == config.accounts.end() ? "" : *found;
}

auth::KeyPair ProbeKeys::now() const {
  return auth::probe_key(master_.current(), this_minute());
}

bool ProbeKeys::has(std::string_view public_key) {
  const auth::Minute minute = this_minute();
  const std::lock_guard lock{mutex_};
  if (made_for_ != minute) {
    keys_.clear();
    for (const auth::MasterKey& master : master_.all()) {
      for (const auto at : {minute - 1min, minute, minute + 1min})
        keys_.push_back(write_public_key(auth::probe_key(master, at).public_key()));
    }
    made_for_ = minute;
  }
  return std::ranges::find(keys_, public_key) != keys_.end();
}

Readiness::Is Readiness::get(Clock::time_point now) const {
  const std::lock_guard lock{mutex_};
  const auto good = [now](Clock::time_point then) {
    return then != Clock::time_point{} && now - then <= kGood;
  };
  if (!good(came_through_)) {
    return {false, "no probe came through nats-server " + since(came_through_) +
                       (denial_.empty() ? "" : "; the last was denied here: " + denial_) +
                       (error_.empty() ? "" : "; " + error_)};
  }
  if (!good(granted_)) {
    return {false, "no worker of this daemon let a probe in " + since(granted_)};
  }
  return {true, ""};
}

std::chrono::seconds Readiness::pause(Clock::time_point now) const {
  const std::lock_guard lock{mutex_};
  const bool others_are_asked = now - came_through_ <= kProbePause && now - granted_ > kGood / 3;
  return others_are_asked ? kShortPause : kProbePause;
}

void Readiness::came_through(Clock::time_point now) {
  ++good_;
  const std::lock_guard lock{mutex_};
  came_through_ = now;
  error_.clear();
}

void Readiness::failed(const std::string& error) {
  ++bad_;
  const std::lock_guard lock{mutex_};
  error_ = error;
}

void Readiness::judged(std::optional<auth::Deny> denial, Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  denial_ = denial ? name(*denial) : "";
  if (!denial) granted_ = now;
}

Probe::Probe(const CurrentConfig& config, const Keys& keys, const ConnectionState& callout,
             LameDuckSignal& lame_ducks, Readiness& readiness)
    : config_(config),
      keys_(keys),
      callout_(callout),
      lame_ducks_(lame_ducks),
      readiness_(readiness),
      probe_keys_(keys.master),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Probe::~Probe() {
  stop();
}

void Probe::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

std::optional<auth::Credential> Probe::find(auth::Kind kind, std::string_view login) {
  if (kind != auth::Kind::nkey && kind != auth::Kind::creds) return std::nullopt;
  const std::string account = probe_account(*config_.load());
  if (account.empty() || !probe_keys_.has(login)) return std::nullopt;
  return auth::probe_credential(kind, login, account);
}

// In operator mode a server asks about users of the callout account, and of no other.
NatsLogin Probe::login(const Config& config) const {
  NatsLogin login{.key = probe_keys_.now(), .user_jwt = ""};
  if (!config.operator_mode) return login;
  const auto now = now_in_seconds();
  login.user_jwt = auth::write_setup_user(
      {.key = login.key.public_key(), .name = std::string(auth::kProbeId), .until = now + kTicket},
      now, keys_.callout_signer(*keys_.callout_account));
  return login;
}

void Probe::connect_once() {
  try {
    const std::shared_ptr<const Config> config = config_.load();
    const NatsLogin own = login(*config);
    const Connection connection =
        connect(config->nats, own, "credgate probe", Sending::prompt, lame_ducks_);
    readiness_.came_through();
  } catch (const std::exception& fault) {
    readiness_.failed(fault.what());
  }
  const auto now = Readiness::Clock::now();
  const Readiness::Is is = readiness_.get(now);
  if (is.ready == was_ready_) return;
  // At first it may take some probes until this daemon is the one that is asked.
  if (!was_ready_ && !is.ready && now - began_ < Readiness::kGood) return;
  was_ready_ = is.ready;
  log(is.ready ? Level::info : Level::error, is.ready ? "ready" : "unready",
      {{"error", is.why_not}});
}

void Probe::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  const auto pause = [&](std::chrono::milliseconds span) {
    std::unique_lock lock{mutex};
    never.wait_for(lock, stop, span, [] { return false; });
  };
  while (!stop.stop_requested()) {
    if (!callout_.get().up) {
      pause(kProbeLook);
      continue;
    }
    connect_once();
    pause(readiness_.pause());
  }
}

}  // namespace gateway
