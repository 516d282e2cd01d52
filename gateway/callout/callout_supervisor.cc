#include "gateway/callout/callout_supervisor.h"

#include <algorithm>
#include <exception>

#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kConnectedLook = 250ms;
constexpr std::chrono::milliseconds kFirstPause = 50ms;
constexpr std::chrono::milliseconds kLongestPause = 2s;

std::string urls_of(const Config& config) {
  std::string text;
  for (const std::string& url : config.nats.urls)
    text += (text.empty() ? "" : ", ") + url;
  return text;
}

// The server may close the connection first; then there is nobody left to answer.
void drain_callout(Callout& callout) {
  try {
    callout.drain();
  } catch (const NatsError& error) {
    log(Level::error, "disconnected", {{"error", error.what()}});
  }
}

}  // namespace

CalloutSupervisor::CalloutSupervisor(const CalloutDeps& deps) : deps_(deps), pause_(kFirstPause) {}

CalloutSupervisor::~CalloutSupervisor() = default;

std::chrono::milliseconds CalloutSupervisor::pause() const {
  return callout_ ? kConnectedLook : pause_;
}

std::unique_ptr<Callout> CalloutSupervisor::attempt() {
  try {
    auto callout = std::make_unique<Callout>(deps_);
    log(Level::info, "connected", {{"url", urls_of(deps_.config)}});
    pause_ = kFirstPause;
    reason_.clear();
    return callout;
  } catch (const std::exception& error) {
    if (reason_ != error.what()) log(Level::error, "not_connected", {{"error", error.what()}});
    reason_ = error.what();
    pause_ = std::min(pause_ * 2, kLongestPause);
    return nullptr;
  }
}

// The other connection answers before this one stops: a server that is restarted politely costs no
// client anything.
void CalloutSupervisor::leave() {
  auto other = attempt();
  if (!other) return;
  log(Level::info, "left_lame_duck", {});
  drain_callout(*callout_);
  callout_ = std::move(other);
}

void CalloutSupervisor::note() {
  deps_.state.set(up(), up() ? callout_->url() : "", now_in_seconds());
  deps_.counters.requests_waiting = up() ? callout_->waiting() : 0;
}

void CalloutSupervisor::poll() {
  if (up() && callout_->to_be_left()) leave();
  if (!up()) {
    if (callout_) log(Level::error, "disconnected", {});
    callout_.reset();
    note();  // an attempt takes its time
    callout_ = attempt();
  }
  note();
}

void CalloutSupervisor::drain() {
  if (up()) drain_callout(*callout_);
  callout_.reset();
}

}  // namespace gateway
