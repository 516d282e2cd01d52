#include "gateway/callout/callout.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>

#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSubject = "$SYS.REQ.USER.AUTH";
// The group that other callout services use too: with two groups each request is answered twice,
// and two answers to one request race in the server.
constexpr const char* kGroup = "q";
constexpr const char* kServerXkey = "Nats-Server-Xkey";
// How soon a worker notices that it should stop.
constexpr auto kPatience = 250ms;
constexpr auto kFlushTimeout = 2s;
// Longer than the costliest hash that is usual, two of them during a rotation, and shorter than
// what clients wait for. A server that waits for less than twice that gets half its time.
constexpr std::chrono::milliseconds kRefusalTick = 1s;

// The header counts only where it is there exactly once.
std::string_view server_xkey(natsMsg* message) {
  const char** values = nullptr;
  int count = 0;
  if (natsMsgHeader_Values(message, kServerXkey, &values, &count) != NATS_OK) return {};
  const std::string_view value = count == 1 ? values[0] : "";
  std::free(values);  // NOLINT(cppcoreguidelines-no-malloc): the list is ours, the texts are not
  return value;
}

void flush(const Connection& connection) {
  check(natsConnection_FlushTimeout(connection.get(),
                                    std::chrono::milliseconds{kFlushTimeout}.count()),
        "flush");
}

void publish(const Connection& connection, const std::string& subject, std::string_view answer) {
  check(natsConnection_Publish(connection.get(), subject.c_str(), answer.data(),
                               static_cast<int>(answer.size())),
        "reply");
}

}  // namespace

Callout::Callout(const CalloutDeps& deps)
    : deps_(deps),
      lame_ducks_(deps.lame_ducks.count()),
      batched_(
          connect(deps.config.nats, deps.keys.nats, "credgate", Sending::batched, deps.lame_ducks)),
      // An answer that goes out by another server than its request came in by can overtake the news
      // of where it is awaited, and is lost.
      prompt_(connect_beside(batched_, deps.config.nats, deps.keys.nats, "credgate replies",
                             Sending::prompt, deps.lame_ducks)),
      delayed_(deps.counters.unsent,
               [this](const std::string& subject, const std::string& answer) {
                 publish(prompt_, subject, answer);
               }),
      password_queue_(
          deps.config.passwords, deps.counters, deps.stalls.passwords, deps.throttle,
          [this] { return make_responder(); },
          [this](const RequestTask& task, std::string answer, bool granted) {
            reply_late(task, std::move(answer), granted);
          }) {
  for (unsigned i = 0; i < deps.config.workers; ++i) {
    natsSubscription* subscription = nullptr;
    check(natsConnection_QueueSubscribeSync(&subscription, batched_.get(), kSubject, kGroup),
          "subscribe to the callout");
    subscriptions_.emplace_back(subscription);
  }
  flush(batched_);  // the server has the subscriptions: from here requests reach us
  for (const Subscription& subscription : subscriptions_) {
    workers_.emplace_back(
        [this, &subscription](const std::stop_token& stop) { work(stop, subscription); });
  }
}

Decider Callout::make_responder() const {
  return {
      deps_.keys, deps_.source, deps_.rules, {deps_.counters, deps_.server_timeout}, deps_.hooks};
}

// How long a hash takes tells its kind and cost, and so whether a login exists: a refusal is seen
// at whole ticks after its request alone. Who makes the lane so slow that hashes cross a tick sees
// that. And two quick refusals in a row close a NATS client for good.
void Callout::reply_late(const RequestTask& task, std::string answer, bool granted) {
  if (granted) return publish(prompt_, task.reply, answer);
  const auto tick = std::min(kRefusalTick, std::chrono::milliseconds{task.patience()} / 2);
  const auto ticks = task.waited() / tick + 1;
  delayed_.send_at(task.arrived + ticks * tick, task.reply, std::move(answer));
}

void Callout::refuse_late(Decider& decider, const RequestTask& task, auth::Deny why) {
  decider.refuse(task, why, [this](const RequestTask& refused, std::string answer, bool granted) {
    reply_late(refused, std::move(answer), granted);
  });
}

void Callout::handle(Decider& decider, const Subscription& subscription, natsMsg& message) {
  const char* to = natsMsg_GetReply(&message);
  auto task = decider.open({data(message), to == nullptr ? "" : to, server_xkey(&message)});
  if (!task) return;
  if (const auto guess = task->guess()) {
    const auto standing = deps_.throttle.standing(*guess);
    if (standing == Throttle::Standing::refused) {
      return refuse_late(decider, *task, auth::Deny::throttled);
    }
    if (task->slow()) {
      const auto oldest = password_queue_.take(std::move(*task), standing);
      if (oldest) refuse_late(decider, *oldest, auth::Deny::overloaded);
      return;
    }
  }
  decider.decide(
      *task, [&](const RequestTask& decided, const std::string& answer, bool /*granted*/) {
        // Not checked: nats.c closes a drained subscription as it hands out the last request, which
        // is then the one that would go unanswered.
        int waiting = 0;
        static_cast<void>(natsSubscription_GetPending(subscription.get(), &waiting, nullptr));
        publish(waiting == 0 ? prompt_ : batched_, decided.reply, answer);
      });
}

void Callout::work(const std::stop_token& stop, const Subscription& subscription) {
  Decider decider = make_responder();
  StallDetector::Beat beat{deps_.stalls.workers};
  try {
    while (true) {
      const Message message = next(subscription, stop.stop_requested() ? 1ms : kPatience);
      if (message) {
        beat.begin();
        handle(decider, subscription, *message);
        beat.end();
      } else if (stop.stop_requested()) {
        return;
      }
    }
  } catch (const std::exception& end) {
    // Lost, drained, or without memory. Whoever owns this looks at alive(), and a subscription that
    // nobody reads would swallow requests.
    if (stop.stop_requested() || draining_) return;
    log(Level::warning, "worker_ended", {{"error", end.what()}});
    natsConnection_Close(batched_.get());
  }
}

std::int64_t Callout::waiting() const {
  std::int64_t all = 0;
  for (const Subscription& subscription : subscriptions_) {
    int waiting = 0;  // of one that has ended: none
    static_cast<void>(natsSubscription_GetPending(subscription.get(), &waiting, nullptr));
    all += waiting;
  }
  return all;
}

void Callout::stop_workers() {
  for (std::jthread& worker : workers_)
    worker.request_stop();
  workers_.clear();
}

Callout::~Callout() {
  stop_workers();
}

void Callout::drain() {
  draining_ = true;  // a drained subscription ends its worker before it is asked to stop
  for (const Subscription& subscription : subscriptions_) {
    check(natsSubscription_Drain(subscription.get()), "drain");
  }
  flush(batched_);  // what the server sent before it knew lies in our queues now
  stop_workers();
  password_queue_.drain();
  delayed_.drain();
  flush(batched_);
  flush(prompt_);
}

}  // namespace gateway
