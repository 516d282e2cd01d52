#include "gateway/nats/subscriber.h"

#include <chrono>
#include <utility>

#include "gateway/nats/nats_c.h"

namespace gateway {
namespace {

constexpr std::chrono::minutes kWait{1};
constexpr std::chrono::milliseconds kDrain{2000};

Subscription subscribe(const Connection& connection, const std::string& subject,
                       const std::string& group) {
  natsSubscription* subscription = nullptr;
  check(group.empty()
            ? natsConnection_SubscribeSync(&subscription, connection.get(), subject.c_str())
            : natsConnection_QueueSubscribeSync(&subscription, connection.get(), subject.c_str(),
                                                group.c_str()),
        "subscribe to " + subject);
  return Subscription{subscription};
}

// Whoever asked in vain notices that no answer comes.
Message next_answered(const Subscription& subscription) {
  try {
    return next(subscription, kWait);
  } catch (const NoResponders&) {
    return nullptr;
  }
}

}  // namespace

Subscriber::Subscriber(const Connection& connection, const std::string& subject, Use use,
                       const std::string& group)
    : subscription_(subscribe(connection, subject, group)), thread_([this, use = std::move(use)] {
        try {
          while (true) {
            if (const Message message = next_answered(subscription_)) use(*message);
          }
        } catch (const NatsError&) {
          // It was unsubscribed, or the connection has ended: whoever owns that notices.
        }
      }) {}

void Subscriber::start_drain() {
  if (drains_) return;
  // A connection that has ended leaves nothing to hear.
  drains_ = natsSubscription_DrainTimeout(subscription_.get(), kDrain.count()) == NATS_OK;
}

void Subscriber::drain() {
  start_drain();
  if (drains_ && thread_.joinable()) thread_.join();
}

Subscriber::~Subscriber() {
  natsSubscription_Unsubscribe(subscription_.get());  // ends the wait
}

}  // namespace gateway
