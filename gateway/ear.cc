#include "gateway/ear.h"

#include <chrono>
#include <utility>

namespace gateway {
namespace {

constexpr std::chrono::minutes kWait{1};

Subscription subscribe(const Connection& connection, const std::string& subject) {
  natsSubscription* subscription = nullptr;
  check(natsConnection_SubscribeSync(&subscription, connection.get(), subject.c_str()),
        "subscribe to " + subject);
  return Subscription{subscription};
}

}  // namespace

Ear::Ear(const Connection& connection, const std::string& subject, Use use)
    : subscription_(subscribe(connection, subject)), thread_([this, use = std::move(use)] {
        try {
          while (true) {
            if (const Message message = next(subscription_, kWait)) use(*message);
          }
        } catch (const NatsError&) {
          // It was unsubscribed, or the connection has ended: whoever owns that notices.
        }
      }) {}

Ear::~Ear() {
  natsSubscription_Unsubscribe(subscription_.get());  // ends the wait
}

}  // namespace gateway
