#include "gateway/callout/pipeline.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

// Longer than the costliest hash that is usual, two of them during a rotation. Two ticks are
// shorter than what clients of nats.c bear (kClientPatience). A server that waits for less than
// twice that gets half its time.
constexpr std::chrono::milliseconds kRefusalTick = 850ms;
static_assert(2 * kRefusalTick < kClientPatience);

std::string microseconds(std::chrono::steady_clock::duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

void log_fault(Counters& counters, const std::exception& fault) {
  ++counters.faults;
  log(Level::error, "fault", {{"error", fault.what()}});
}

Attempt attempt_of(const RequestTask& task) {
  return {.identity = task.identity, .connection = task.request.get()};
}

Session session_of(const RequestTask& task, const Decision& decision) {
  return {write_public_key(task.request->server.id), task.request->client.id, decision.id,
          now_in_microseconds(), task.request->client.kind == "Leafnode"};
}

}  // namespace

Pipeline::Pipeline(const PipelineDeps& deps, const PasswordConfig& passwords, Send send_later)
    : deps_(deps),
      send_later_(std::move(send_later)),
      delayed_(deps.counters.unsent, send_later_),
      passwords_(
          passwords, deps.counters, deps.stalls.passwords, [this]() -> PasswordQueue::Handle {
            return [this, codec = std::make_shared<CalloutCodec>(make_codec())](RequestTask task) {
              process(std::move(task), *codec, send_later_);
            };
          }) {}

void Pipeline::take(const CalloutMessage& message, CalloutCodec& codec, const Send& send) noexcept {
  try {
    auto task = codec.read(message, now_in_seconds());
    if (task) {
      if (!answers(message, *task)) return;
      deps_.server_timeout.observe(task->timeout());
      return process(std::move(*task), codec, send);
    }
    ++deps_.counters.dropped.at(static_cast<std::size_t>(task.error()));
    deps_.readiness.dropped(task.error());
    log_limited(Level::warning, "dropped", {{"reason", std::string(name(task.error()))}});
  } catch (const std::exception& fault) {
    log_fault(deps_.counters, fault);
  }
}

bool Pipeline::answers(const CalloutMessage& message, const RequestTask& task) const {
  if (!message.path) return true;
  const std::string server_id = write_public_key(task.request->server.id);
  if (message.data.starts_with(auth::kSealPrefix))
    deps_.filter.learn(message.server_xkey, server_id);
  return deps_.filter.answers(server_id, message.reply, *message.path);
}

// Every request goes through here from top to bottom. One whose proof takes a password's hash
// leaves for the queue, and comes through once more on a thread of the queue.
void Pipeline::process(RequestTask task, CalloutCodec& codec, const Send& send) noexcept try {
  if (task.cut_off()) return;
  const auto guess = task.guess();

  // Nobody waits for it any more: it costs neither a hash nor an answer.
  if (task.late()) return refuse(task, auth::Deny::overloaded, codec);

  // Guesses of one source or login are held back; other guesses may have failed while it queued.
  const auto admission = guess ? deps_.throttle.check(*guess) : Throttle::Verdict::allowed_unknown;
  if (admission == Throttle::Verdict::throttled) {
    return refuse(task, auth::Deny::throttled, codec);
  }

  // Find the credential, and judge its proof and what its record says. A password that was proved
  // lately is not hashed again; any other leaves here, once.
  const Attempt attempt = attempt_of(task);
  const auth::Time now = now_in_seconds();
  auto proved = deps_.decider.decide_proved(attempt, now);
  if (!proved && task.slow() && !std::exchange(task.queued, true)) {
    const bool known = admission == Throttle::Verdict::allowed_known;
    if (!deps_.missed.empty()) task.missed = deps_.missed.since(deps_.missed.key(*task.request));
    const auto displaced = passwords_.push(std::move(task), known);
    if (displaced) refuse(*displaced, auth::Deny::overloaded, codec);
    return;
  }
  Decision decision = proved ? std::move(*proved) : deps_.decider.decide(attempt, now);
  if (guess) charge_guess(*guess, decision);  // before anybody can learn how it ended

  // What depends on time and on other sessions is checked last: it counts this one.
  const bool late = task.late();
  if (late && decision.granted()) decision.deny(auth::Deny::overloaded);
  const Session session = session_of(task, decision);
  if (decision.granted() && !decision.probe) {
    if (const auto deny = check_session(task, decision, session)) decision.deny(*deny);
  }

  if (decision.granted()) {
    deps_.hooks.note_grant(session, decision.probe ? decision.verdict->account : "");
  }
  if (!late) {
    const bool delay = !decision.granted() && task.slow();
    reply(task, codec.write(task, decision.verdict, now), delay, send);
  }

  close_if_outdated(decision, attempt, session, now);  // before anything that may wait or fail
  note_answer(task, !late);
  record(task, decision);
  if (!decision.granted()) return;
  if (auto rehash = Decider::rehash(decision, attempt)) {
    deps_.hooks.rehash(decision.id, std::move(*rehash));
  }
} catch (const std::exception& fault) {
  log_fault(deps_.counters, fault);
}

// Without judging. For whom there is no time gets no answer: clients that give up by themselves, as
// most do before their server does, come back, and two refusals in a row close them for good.
void Pipeline::refuse(const RequestTask& task, auth::Deny why, CalloutCodec& codec) {
  const Decision decision = deps_.decider.refuse(attempt_of(task), why);
  const bool answered = why != auth::Deny::overloaded && !task.late();
  if (answered) {
    reply(task, codec.write(task, decision.verdict, now_in_seconds()), /*delay=*/true, send_later_);
  }
  note_answer(task, answered);
  record(task, decision);
}

// Whoever gets none goes first next time.
void Pipeline::note_answer(const RequestTask& task, bool answered) const {
  if (answered && deps_.missed.empty()) return;
  const LoginKey key = deps_.missed.key(*task.request);
  if (answered) {
    deps_.missed.answered(key);
  } else {
    deps_.missed.add(key);
  }
}

// How long a hash takes tells its kind and cost, and so whether a login exists: a refusal is seen
// at whole ticks after its request alone. Whoever makes the queue so slow that hashes cross a tick
// sees that. And two quick refusals in a row close a NATS client for good.
void Pipeline::reply(const RequestTask& task, std::string answer, bool delay, const Send& send) {
  if (!delay) return send(task.reply, answer);
  const auto tick = std::min(kRefusalTick, std::chrono::milliseconds{task.timeout()} / 2);
  const auto ticks = task.waited() / tick + 1;
  delayed_.send_at(task.arrived + ticks * tick, task.reply, std::move(answer));
}

std::optional<auth::Deny> Pipeline::check_session(const RequestTask& task, const Decision& decision,
                                                  const Session& session) const {
  if (const auto* proof = std::get_if<auth::SigV4Proof>(&task.identity->proof)) {
    if (const auto deny = deps_.hooks.consume_signature(proof->evidence, task.request->user_nkey))
      return deny;
  }
  if (deps_.hooks.admit_session(session, decision.credential->max_sessions)) return std::nullopt;
  return auth::Deny::too_many_sessions;
}

// A fault says nothing of the proof; and one that fits, of a login that may not be used, is neither
// a failure nor a reason to prefer it.
void Pipeline::charge_guess(const Guess& guess, const Decision& decision) const {
  if (decision.granted()) return deps_.throttle.proved(guess);
  if (!decision.secret && decision.verdict.error() != auth::Deny::internal) {
    deps_.throttle.failed(guess);
  }
}

// The answer is out already, so what would be judged otherwise now is closed again.
void Pipeline::close_if_outdated(const Decision& decision, const Attempt& attempt,
                                 const Session& session, auth::Time now) const {
  if (!decision.granted()) return;
  try {
    if (deps_.decider.outdated(decision, attempt, now)) deps_.hooks.close_session(session);
  } catch (const std::exception&) {
    deps_.hooks.close_session(session);  // what cannot be looked at is not let in
    throw;
  }
}

void Pipeline::record(const RequestTask& task, const Decision& decision) const {
  if (decision.probe) {
    return deps_.readiness.judged(decision.granted() ? std::nullopt
                                                     : std::optional{decision.verdict.error()});
  }
  const auto kind =
      task.identity ? std::optional{task.identity->logins.front().kind} : std::nullopt;
  Counters& counters = deps_.counters;
  CountByKind& counts =
      decision.granted()
          ? counters.granted_of
          : counters.denied_for.at(static_cast<std::size_t>(decision.verdict.error()));
  ++counts.at(Counters::index(kind));
  (task.queued ? counters.decided_password : counters.decided).add(task.waited());
  if (task.late()) ++counters.late;
  const auth::Request& request = *task.request;
  DecisionEvent event{
      .at = now_in_seconds(),
      .granted = decision.granted(),
      .reason = decision.granted() ? "" : std::string(name(decision.verdict.error())),
      .detail = std::string(name(decision.detail)),
      .id = decision.id,
      .name = decision.credential ? decision.credential->name : "",
      .account = decision.granted() ? decision.verdict->account : "",
      .source = request.client.host,
      .type = request.client.kind == "Leafnode" ? "leafnode" : request.client.type,
      .client = request.client.name,
      .server = request.server.name,
      .cid = request.client.id};
  log_decision(event, microseconds(task.waited()));
  deps_.sink.push(std::move(event));
}

void Pipeline::drain() {
  passwords_.drain();
  delayed_.drain();
}

}  // namespace gateway
