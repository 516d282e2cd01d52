#pragma once
// The way of one request, from its message to its answer, in one function: Pipeline::process.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "gateway/callout/decider.h"
#include "gateway/callout/decision_sink.h"
#include "gateway/callout/delayed_replies.h"
#include "gateway/callout/missed_logins.h"
#include "gateway/callout/password_queue.h"
#include "gateway/callout/readiness.h"
#include "gateway/callout/request_filter.h"
#include "gateway/callout/request_task.h"
#include "gateway/callout/throttle.h"
#include "gateway/config/config.h"
#include "gateway/nats/server_timeout.h"
#include "gateway/nats/session.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/stall_detector.h"

namespace gateway {

// What a decision asks of, and sets off in, parts of the daemon that the callout does not know. All
// are called on the thread that decides, and must not block.
struct DecisionHooks {
  // Before the answer of a grant goes out: false where the credential has as many sessions as it
  // may have (`most`; 0: any number).
  std::function<bool(const Session&, std::uint32_t most)> admit_session;
  // Before the answer of a grant goes out, which nats-server may still refuse. `probed`: the
  // account of a probe; else empty.
  std::function<void(const Session&, const std::string& probed)> note_grant;
  // Closes a session whose grant turned out to be outdated.
  std::function<void(Session)> close_session;
  // A signature opens one connection, that of `asker`; it denies one that was used before.
  std::function<std::optional<auth::Deny>(const auth::SigEvidence&, const auth::PublicKey& asker)>
      consume_signature;
  // Stores a secret in its present form, later.
  std::function<void(std::string id, auth::Judge::Rehash)> rehash;
};

// What a pipeline works with; all of it must outlive the pipeline.
struct PipelineDeps {
  const Keys& keys;
  const CurrentRules& rules;
  const Decider& decider;
  const DecisionHooks& hooks;
  Throttle& throttle;
  MissedLogins& missed;
  DecisionSink& sink;
  Readiness& readiness;
  ServerTimeout& server_timeout;
  Counters& counters;
  StallDetectors& stalls;
  RequestFilter& filter;
};

// Thread-safe.
class Pipeline {
 public:
  // Publishes an answer, or throws.
  using Send = std::function<void(const ReplyTo& to, const std::string& answer)>;

  // `send_later` is called on threads of this object: those of the password queue, and the one that
  // sends refusals that are delayed. The references in `deps` must outlive this object.
  Pipeline(const PipelineDeps& deps, const PasswordConfig& passwords, Send send_later);

  // A codec for one thread that calls take().
  CalloutCodec make_codec() const { return {deps_.keys, deps_.rules}; }

  // A message that is not provably a nats-server's request to this gateway is dropped and counted.
  // A request is processed, but for a copy that is not for this gateway to answer.
  void take(const CalloutMessage& message, CalloutCodec& codec, const Send& send) noexcept;
  // Answers at most once, and not at all where its server waits no longer or the password queue has
  // no place. A fault on the way is silence, which lets nobody in.
  void process(RequestTask task, CalloutCodec& codec, const Send& send) noexcept;

  // Decides and answers what waits. Nothing may be taken meanwhile or after it.
  void drain();

 private:
  bool answers(const CalloutMessage& message, const RequestTask& task) const;
  void refuse(const RequestTask& task, auth::Deny why, CalloutCodec& codec);
  std::optional<auth::Deny> check_session(const RequestTask& task, const Decision& decision,
                                          const Session& session) const;
  void charge_guess(const Guess& guess, const Decision& decision) const;
  void note_answer(const RequestTask& task, bool answered) const;
  void reply(const RequestTask& task, std::string answer, bool delay, const Send& send);
  void close_if_outdated(const Decision& decision, const Attempt& attempt, const Session& session,
                         auth::Time now) const;
  void record(const RequestTask& task, const Decision& decision) const;

  const PipelineDeps deps_;
  const Send send_later_;
  DelayedReplies delayed_;
  PasswordQueue passwords_;
};

}  // namespace gateway
