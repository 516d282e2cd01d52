#pragma once
// Keeps a callout connected: makes one after another, leaves a server that is going, and logs what
// changes.

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "gateway/callout/callout.h"
#include "gateway/nats/connection_state.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/log.h"

namespace gateway {

// `Connection`: Callout, or in tests what has its alive(), to_be_left(), url(), waiting() and
// drain(). Not thread-safe.
template <class Connection>
class BasicCalloutSupervisor {
 public:
  using Connect = std::function<std::unique_ptr<Connection>()>;

  static constexpr std::chrono::milliseconds kPollInterval{250};
  static constexpr std::chrono::milliseconds kMinReconnectDelay{50};
  static constexpr std::chrono::milliseconds kMaxReconnectDelay{2000};

  // `connect` may take some seconds, and throws where there is no connection to be had. The
  // references must outlive this.
  BasicCalloutSupervisor(Connect connect, ConnectionState& state, Counters& counters)
      : connect_(std::move(connect)), state_(state), counters_(counters) {}

  // Connects where there is no connection, or where the one that there was is lost or to be left.
  // Each new reason for having none is logged once.
  void poll() {
    if (up() && callout_->to_be_left()) replace();
    if (!up()) {
      if (callout_) log(Level::error, "disconnected", {});
      callout_.reset();
      report();  // an attempt takes its time
      callout_ = attempt();
    }
    report();
  }
  bool up() const { return callout_ && callout_->alive(); }

  // How soon poll() is to be called again: later after each attempt that failed.
  std::chrono::milliseconds pause() const { return callout_ ? kPollInterval : delay_; }

  // Answers what was taken, and takes no more.
  void drain() {
    if (up()) drain(*callout_);
    callout_.reset();
  }

 private:
  std::unique_ptr<Connection> attempt() {
    try {
      auto callout = connect_();
      log(Level::info, "connected", {{"url", callout->url()}});
      delay_ = kMinReconnectDelay;
      reason_.clear();
      return callout;
    } catch (const std::exception& error) {
      if (reason_ != error.what()) log(Level::error, "connect_failed", {{"error", error.what()}});
      reason_ = error.what();
      delay_ = std::min(delay_ * 2, kMaxReconnectDelay);
      return nullptr;
    }
  }

  // The other connection answers before this one stops: a server that is restarted politely costs
  // no client anything.
  void replace() {
    auto other = attempt();
    if (!other) return;
    log(Level::info, "lame_duck", {});
    drain(*callout_);
    callout_ = std::move(other);
  }

  // The server may close the connection first; then there is nobody left to answer.
  static void drain(Connection& callout) {
    try {
      callout.drain();
    } catch (const std::exception& error) {
      log(Level::error, "disconnected", {{"error", error.what()}});
    }
  }

  void report() {
    state_.set(up(), up() ? callout_->url() : "", now_in_seconds());
    counters_.requests_waiting = up() ? callout_->waiting() : 0;
  }

  const Connect connect_;
  ConnectionState& state_;
  Counters& counters_;
  std::unique_ptr<Connection> callout_;
  std::chrono::milliseconds delay_ = kMinReconnectDelay;
  std::string reason_;
};

using CalloutSupervisor = BasicCalloutSupervisor<Callout>;

}  // namespace gateway
