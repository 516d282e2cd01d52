#pragma once
// The callout's connection to nats-server and the workers that answer on it. Lives as long as the
// connection: once that is lost, its owner makes another Callout.

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "gateway/callout/decider.h"
#include "gateway/callout/delayed_replies.h"
#include "gateway/callout/password_queue.h"
#include "gateway/config/config.h"
#include "gateway/config/keys.h"
#include "gateway/nats/client.h"
#include "gateway/nats/connection_state.h"
#include "gateway/platform/stall_detector.h"

namespace gateway {

// What the workers share with the rest of the daemon; all of it outlives them.
struct CalloutDeps {
  const Config& config;
  const Keys& keys;
  const CredentialSource& source;
  const CurrentRules& rules;
  Counters& counters;
  ConnectionState& state;  // of the callout's connection
  LameDuckSignal& lame_ducks;
  ServerTimeout& server_timeout;
  StallDetectors& stalls;
  Throttle& throttle;
  Decider::DecisionHooks hooks;
};

class Callout {
 public:
  // Connects, subscribes in queue group `q` and starts the workers, or throws NatsError.
  explicit Callout(const CalloutDeps& deps);
  ~Callout();
  Callout(const Callout&) = delete;
  Callout& operator=(const Callout&) = delete;

  bool alive() const { return connected(batched_) && connected(prompt_); }

  // Of its server, for people.
  std::string url() const { return url_of(batched_); }

  // Requests that no worker has taken yet.
  std::int64_t waiting() const;

  // Whether its server, or one of another connection, has said that it is going: then another
  // Callout is made, and this one drained.
  bool to_be_left() const { return deps_.lame_ducks.count() != lame_ducks_; }

  // Takes no new requests, answers those that were taken or are on their way here, and ends the
  // workers. Another instance of the group gets what comes after.
  void drain();

 private:
  Decider make_responder() const;
  void work(const std::stop_token& stop, const Subscription& subscription);
  void handle(Decider& decider, const Subscription& subscription, natsMsg& message);
  void stop_workers();
  // A grant at once, a refusal at the next tick after the request came.
  void reply_late(const RequestTask& task, std::string answer, bool granted);
  void refuse_late(Decider& decider, const RequestTask& task, auth::Deny why);

  const CalloutDeps& deps_;
  const std::uint64_t lame_ducks_;
  std::atomic<bool> draining_ = false;
  Connection batched_;
  Connection prompt_;
  DelayedReplies delayed_;
  PasswordQueue password_queue_;
  std::vector<Subscription> subscriptions_;
  std::vector<std::jthread> workers_;
};

}  // namespace gateway
