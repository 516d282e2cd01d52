#pragma once
// Self-probe: connects to nats-server every few seconds as a client would, so that somebody is told
// when nobody can be let in any more, whatever the cause: nats-server's configuration, its
// connection to the gateway, the store, the workers.

#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "gateway/callout/probe_logins.h"
#include "gateway/callout/readiness.h"
#include "gateway/callout/recent_grants.h"
#include "gateway/config/current_config.h"
#include "gateway/config/keys.h"
#include "gateway/nats/client.h"
#include "gateway/nats/link_table.h"
#include "gateway/platform/pause.h"

namespace gateway {

class SelfProbe {
 public:
  // What it works with, all of which must outlive it.
  struct Deps {
    const CurrentConfig& config;
    const Keys& keys;
    const ProbeLogins& logins;
    const LinkTable& callout;
    LameDuckSignal& lame_ducks;
    const RecentGrants& grants;
    Readiness& readiness;
  };

  // Probes on a thread of its own, whenever the callout is connected: a server that it has a link
  // to.
  explicit SelfProbe(const Deps& deps);
  // Makes no other probe. Does not block; the destructor waits for the one that is being made, for
  // seconds where the server hangs.
  void request_stop() { thread_.request_stop(); }

 private:
  void run(const std::stop_token& stop);
  void connect_once();
  void log_change();
  NatsLogin login(const Config& config) const;

  const Deps deps_;
  const Readiness::Clock::time_point began_ = Readiness::Clock::now();
  std::optional<bool> was_ready_;  // as the log has it
  std::string probed_;             // the server that was probed last
  Pause pause_;
  std::jthread thread_;
};

}  // namespace gateway
