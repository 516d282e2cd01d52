#pragma once
// The daemon at its own door: every few seconds it connects to nats-server as a client would, so
// that somebody is told when nobody can be let in any more, whatever the cause: nats-server's
// configuration, its connection to us, the store, the workers.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "auth/credential/credential.h"
#include "auth/decision/probe_credential.h"
#include "auth/deny.h"
#include "gateway/config/current_config.h"
#include "gateway/config/keys.h"
#include "gateway/nats/client.h"
#include "gateway/nats/connection_state.h"
#include "gateway/platform/counters.h"

namespace gateway {

// Where a probe may be let in: the first account of which the gateway says itself what may be done
// there. Empty where there is none.
std::string probe_account(const Config& config);

// Which keys are a probe's just now: of this daemon or of another that has the same master key.
// Thread-safe.
class ProbeKeys {
 public:
  explicit ProbeKeys(const auth::MasterKeys& master) : master_(master) {}
  auth::KeyPair now() const;
  // Of this minute, the one before and the one after, by any of the master keys.
  bool has(std::string_view public_key);

 private:
  const auth::MasterKeys& master_;
  std::mutex mutex_;
  auth::Minute made_for_{};
  std::vector<std::string> keys_;
};

// Whether clients can be let in: a probe came through nats-server, and a worker of this daemon
// granted one (which of several daemons is asked, nats-server chooses). Thread-safe.
class Readiness {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kGood{30};

  struct Is {
    bool ready = false;
    std::string why_not;
  };
  Is get(Clock::time_point now = Clock::now()) const;
  // Which of several daemons is asked is chance: how soon to try again, so that each is asked often
  // enough to be known as good.
  std::chrono::seconds pause(Clock::time_point now = Clock::now()) const;
  // How many probes came through, and how many did not.
  std::uint64_t good() const { return good_; }
  std::uint64_t bad() const { return bad_; }

  void came_through(Clock::time_point now = Clock::now());
  void failed(const std::string& error);
  // By a worker of this daemon; absent: it was granted.
  void judged(std::optional<auth::Deny> denial, Clock::time_point now = Clock::now());

 private:
  Count good_ = 0;
  Count bad_ = 0;
  mutable std::mutex mutex_;
  Clock::time_point came_through_{};
  Clock::time_point granted_{};
  std::string error_;
  std::string denial_;
};

class Probe {
 public:
  // All must outlive this. Probes in a thread of its own, whenever the callout is connected.
  Probe(const CurrentConfig& config, const Keys& keys, const ConnectionState& callout,
        LameDuckSignal& lame_ducks, Readiness& readiness);
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  // Makes no more probes. find() goes on.
  void stop();

  // What a login leads to that no stored credential has.
  std::optional<auth::Credential> find(auth::Kind kind, std::string_view login);

 private:
  void run(const std::stop_token& stop);
  void connect_once();
  NatsLogin login(const Config& config) const;

  const CurrentConfig& config_;
  const Keys& keys_;
  const ConnectionState& callout_;
  LameDuckSignal& lame_ducks_;
  Readiness& readiness_;
  ProbeKeys probe_keys_;
  const Readiness::Clock::time_point began_ = Readiness::Clock::now();
  std::optional<bool> was_ready_;  // as the log has it
  std::jthread thread_;            // last: it uses all the others
};

}  // namespace gateway
