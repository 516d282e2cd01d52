#include "gateway/callout/callout.h"

#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

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
// How soon the reader notices that it should stop.
constexpr auto kPollInterval = 250ms;
constexpr auto kLogInterval = 1s;
// Once so many wait for each worker, the workers have enough to do for longer than a read interval.
// To be woken for each request, and to free each alone, would take the processors from them.
constexpr std::size_t kEnough = 8;
constexpr auto kReadInterval = 1ms;
constexpr std::size_t kReadAtOnce = 256;
// What lies in nats.c's own queue while the reader waits for a processor. Its age is not seen, so
// it is a fraction of a second's worth; beyond it nats.c drops what comes.
constexpr int kMaxUnread = 8192;
constexpr int kMaxUnreadBytes = 32 << 20;
constexpr auto kFlushTimeout = 2s;

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

// What there is. Waits up to `patience` for the first. Throws where the connection is lost before
// it.
std::vector<Message> next_messages(const Subscription& subscription,
                                   std::chrono::milliseconds patience) {
  std::vector<Message> messages;
  if (Message first = next(subscription, patience)) messages.push_back(std::move(first));
  try {
    for (int more = pending(subscription); more > 0 && messages.size() < kReadAtOnce; --more) {
      if (Message message = next(subscription, 0ms)) messages.push_back(std::move(message));
    }
  } catch (const NatsError&) {
    return messages;  // those that were read are decided all the same
  }
  return messages;
}

}  // namespace

Callout::Callout(const CalloutDeps& deps, const std::string& last)
    : deps_(deps),
      lame_ducks_(deps.lame_ducks.count()),
      batched_(connect(deps.config->nats, deps.pipeline.keys.nats, "credgate", Sending::batched,
                       deps.lame_ducks, last)),
      // An answer that goes out by another server than its request came in by can overtake the news
      // of where it is awaited, and is lost.
      prompt_(connect_beside(batched_, deps.config->nats, deps.pipeline.keys.nats,
                             "credgate replies", Sending::prompt, deps.lame_ducks)),
      pipeline_(deps.pipeline, deps.config->passwords,
                [this](const std::string& subject, const std::string& answer) {
                  publish(prompt_, subject, answer);
                }),
      queue_(deps.pipeline.server_timeout, deps.pipeline.missed, deps.pipeline.counters) {
  natsSubscription* subscription = nullptr;
  check(natsConnection_QueueSubscribeSync(&subscription, batched_.get(), kSubject, kGroup),
        "subscribe to the callout");
  subscription_.reset(subscription);
  check(natsSubscription_SetPendingLimits(subscription, kMaxUnread, kMaxUnreadBytes),
        "limit unread requests");
  flush(batched_);  // the server has the subscription: from here requests reach us
  for (unsigned i = 0; i < deps.config->workers; ++i)
    workers_.push_back(start(&Callout::work));
  reader_ = start(&Callout::read);
}

std::jthread Callout::start(Loop loop) {
  return std::jthread{[this, loop](const std::stop_token& stop) {
    try {
      (this->*loop)(stop);
    } catch (const std::exception& end) {
      // Lost, drained, or without memory. Whoever owns this looks at alive(), and a subscription
      // that nobody reads would swallow requests.
      if (stop.stop_requested() || draining_) return;
      log(Level::warning, "worker_ended", {{"error", end.what()}});
      natsConnection_Close(batched_.get());
      queue_.clear();
    }
  }};
}

void Callout::read(const std::stop_token& stop) {
  auto next_log = std::chrono::steady_clock::now();
  while (true) {
    auto messages = next_messages(subscription_, stop.stop_requested() ? 1ms : kPollInterval);
    if (messages.empty() && stop.stop_requested() && pending(subscription_) == 0) return;
    queue_.push(std::move(messages));
    if (queue_.size() >= kEnough * workers_.size()) std::this_thread::sleep_for(kReadInterval);
    if (const auto now = std::chrono::steady_clock::now(); now >= next_log) {
      count_unread();
      queue_.log_dropped();
      next_log = now + kLogInterval;
    }
  }
}

void Callout::work(const std::stop_token& stop) {
  CalloutCodec codec = pipeline_.make_codec();
  StallDetector::Thread thread{deps_.pipeline.stalls.workers};
  // Alone, an answer goes out at once; where others wait, they share a write.
  const Pipeline::Send send = [&](const std::string& subject, const std::string& answer) {
    publish(queue_.size() == 0 ? prompt_ : batched_, subject, answer);
  };
  while (const auto request = queue_.pop(stop, codec)) {
    const BusyScope busy{thread};
    pipeline_.take(read_message(*request), codec, send);
  }
}

// nats.c drops what comes while its own queue is full.
void Callout::count_unread() {
  std::int64_t dropped = 0;
  if (natsSubscription_GetDropped(subscription_.get(), &dropped) != NATS_OK) return;
  deps_.pipeline.counters.unread += static_cast<std::uint64_t>(dropped - unread_);
  unread_ = dropped;
}

std::int64_t Callout::waiting() const {
  return static_cast<std::int64_t>(queue_.size()) + pending(subscription_);
}

void Callout::stop_reader() {
  reader_.request_stop();
  if (reader_.joinable()) reader_.join();
}

void Callout::stop_workers() {
  for (std::jthread& worker : workers_)
    worker.request_stop();
  workers_.clear();
}

Callout::~Callout() {
  stop_reader();
  queue_.clear();
  stop_workers();
}

void Callout::drain() {
  draining_ = true;  // a drained subscription ends its reader before it is asked to stop
  check(natsSubscription_Drain(subscription_.get()), "drain");
  flush(batched_);  // what the server sent before it knew lies in our queues now
  stop_reader();
  stop_workers();
  pipeline_.drain();
  flush(batched_);
  flush(prompt_);
}

}  // namespace gateway
