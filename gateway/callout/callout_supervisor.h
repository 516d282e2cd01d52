#pragma once
// Keeps a callout connected: makes one after another, leaves a server that is going or hangs, and
// logs what changes.

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/callout/callout.h"
#include "gateway/nats/connection_state.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/log.h"

namespace gateway {

// `Connection`: Callout, or in tests what has its alive(), to_be_left(), answers(), url(),
// waiting() and drain(). Not thread-safe.
template <class Connection>
class BasicCalloutSupervisor {
 public:
  using Clock = std::chrono::steady_clock;
  // `last`: the url of a server to be tried after all others; empty: none.
  using Connect = std::function<std::unique_ptr<Connection>(const std::string& last)>;

  static constexpr std::chrono::milliseconds kPollInterval{250};
  static constexpr std::chrono::milliseconds kMinReconnectDelay{50};
  static constexpr std::chrono::milliseconds kMaxReconnectDelay{2000};
  // How often a server is asked whether it still answers, and for how long that may take.
  static constexpr std::chrono::milliseconds kPingInterval{1000};
  static constexpr std::chrono::milliseconds kPingPatience{1000};
  // Where one hangs and there is no other, so much later the next attempt.
  static constexpr std::chrono::milliseconds kRetryHanging{5000};

  // `connect` may take some seconds, and throws where there is no connection to be had. `urls` are
  // what it connects to. The references must outlive this.
  BasicCalloutSupervisor(const std::vector<std::string>& urls, Connect connect,
                         ConnectionState& state, Counters& counters)
      : has_others_(urls.size() > 1),
        connect_(std::move(connect)),
        state_(state),
        counters_(counters) {}

  // Connects where there is no connection, or where the one that there was is lost or to be left.
  // Each new reason for having none is logged once.
  void poll(Clock::time_point now = Clock::now()) {
    if (up() && callout_->to_be_left()) replace(Level::info, "lame_duck");
    if (up() && hangs(now) && !replace(Level::warning, "server_hangs"))
      next_ping_ = now + kRetryHanging;
    if (!up()) {
      if (callout_) log(Level::error, "disconnected", {});
      callout_.reset();
      report();  // an attempt takes its time
      callout_ = attempt("");
      next_ping_ = now + kPingInterval;
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
  std::unique_ptr<Connection> attempt(const std::string& last) {
    try {
      auto callout = connect_(last);
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

  bool hangs(Clock::time_point now) {
    if (!has_others_ || now < next_ping_) return false;
    next_ping_ = now + kPingInterval;
    return !callout_->answers(kPingPatience);
  }

  // The other connection answers before this one stops: a server that is restarted politely costs
  // no client anything. Neither does one that was taken for hanging, and was only slow. False where
  // there is no other.
  bool replace(Level level, const char* why) {
    const std::string left = callout_->url();
    auto other = attempt(left);
    if (!other) return false;
    log(level, why, {{"url", left}});
    drain(*callout_);
    callout_ = std::move(other);
    return true;
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

  const bool has_others_;
  const Connect connect_;
  ConnectionState& state_;
  Counters& counters_;
  std::unique_ptr<Connection> callout_;
  std::chrono::milliseconds delay_ = kMinReconnectDelay;
  std::string reason_;
  Clock::time_point next_ping_{};
};

using CalloutSupervisor = BasicCalloutSupervisor<Callout>;

}  // namespace gateway
