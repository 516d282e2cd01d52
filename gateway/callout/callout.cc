#include "gateway/callout/callout.h"

#include <chrono>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include <nats/nats.h>

#include "gateway/nats/nats_c.h"
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
constexpr auto kPollInterval = 250ms;
constexpr auto kFlushTimeout = 2s;

// The header counts only where it is there exactly once.
std::string_view server_xkey(natsMsg* message) {
  const char** values = nullptr;
  int count = 0;
  if (natsMsgHeader_Values(message, kServerXkey, &values, &count) != NATS_OK) return {};
  const std::string_view value = count == 1 ? values[0] : "";
  std::free(values);  // NOLINT(cppcoreguidelines-no-malloc): the array is ours, the strings are not
  return value;
}

CalloutMessage read_message(natsMsg& message) {
  const char* reply = natsMsg_GetReply(&message);
  return {data(message), reply == nullptr ? "" : reply, server_xkey(&message)};
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

// Not checked: nats.c closes a drained subscription as it hands out the last request, which is then
// the one that would go unanswered.
int pending(const Subscription& subscription) {
  int waiting = 0;
  static_cast<void>(natsSubscription_GetPending(subscription.get(), &waiting, nullptr));
  return waiting;
}

}  // namespace

Callout::Callout(const CalloutDeps& deps)
    : deps_(deps),
      lame_ducks_(deps.lame_ducks.count()),
      batched_(connect(deps.config->nats, deps.pipeline.keys.nats, "credgate", Sending::batched,
                       deps.lame_ducks)),
      // An answer that goes out by another server than its request came in by can overtake the news
      // of where it is awaited, and is lost.
      prompt_(connect_beside(batched_, deps.config->nats, deps.pipeline.keys.nats,
                             "credgate replies", Sending::prompt, deps.lame_ducks)),
      pipeline_(deps.pipeline, deps.config->passwords,
                [this](const std::string& subject, const std::string& answer) {
                  publish(prompt_, subject, answer);
                }) {
  for (unsigned i = 0; i < deps.config->workers; ++i) {
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

void Callout::work(const std::stop_token& stop, const Subscription& subscription) {
  CalloutCodec codec = pipeline_.make_codec();
  StallDetector::Thread thread{deps_.pipeline.stalls.workers};
  // Alone, an answer goes out at once; where others wait, they share a write.
  const Pipeline::Send send = [&](const std::string& subject, const std::string& answer) {
    publish(pending(subscription) == 0 ? prompt_ : batched_, subject, answer);
  };
  try {
    while (true) {
      const Message message = next(subscription, stop.stop_requested() ? 1ms : kPollInterval);
      if (message) {
        const BusyScope busy{thread};
        pipeline_.take(read_message(*message), codec, send);
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
  for (const Subscription& subscription : subscriptions_)
    all += pending(subscription);
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
  pipeline_.drain();
  flush(batched_);
  flush(prompt_);
}

}  // namespace gateway
