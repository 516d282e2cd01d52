#pragma once
// nats.c's handles as owners, and how credgate connects. No message reaches us by a callback: our
// own threads ask for them. A connection does not reconnect by itself: nats.c closes for good after
// two authentication errors, so losing a connection and losing it for good are one case, and
// whoever owns one makes another.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nats/nats.h>

#include "gateway/config/config.h"
#include "gateway/config/keys.h"

namespace gateway {

class NatsError : public std::runtime_error {
 public:
  NatsError(std::string_view step, natsStatus status);
  natsStatus status() const { return status_; }

 private:
  natsStatus status_;
};

// Throws NatsError unless the status is NATS_OK.
void check(natsStatus status, std::string_view step);

// Whether a connection failed without the server's having said why. It closes behind its refusal,
// and what the client sent meanwhile can make a reset of that, which takes the refusal along.
bool lost_with_connection(natsStatus status);

template <auto free_fn>
struct NatsFree {
  template <class T>
  void operator()(T* handle) const {
    free_fn(handle);
  }
};
template <class T, auto free_fn>
using NatsHandle = std::unique_ptr<T, NatsFree<free_fn>>;

using Message = NatsHandle<natsMsg, natsMsg_Destroy>;
using Subscription = NatsHandle<natsSubscription, natsSubscription_Destroy>;
using Connection = NatsHandle<natsConnection, natsConnection_Destroy>;

// How a connection sends. nats.c gathers what is published for up to a millisecond: batched, one
// answer alone waits that long; promptly, many at once cost a third more.
enum class Sending : std::uint8_t { batched, prompt };

// Raised whenever the server of a connection enters lame duck mode. nats.c does so on a thread of
// its own, even a moment after the connection was destroyed: the signal must outlive them all.
class LameDuckSignal {
 public:
  void raise() { ++count_; }
  // How often it was raised: whoever has noted an earlier number sees that there was another.
  std::uint64_t count() const { return count_; }

 private:
  std::atomic<std::uint64_t> count_ = 0;
};

// Of `config` its ca_file, cert_file and key_file alone. Throws NatsError.
void set_tls(natsOptions* options, const NatsConfig& config);

// Connects once, or throws NatsError. Logs in with `login`, which is not needed afterwards.
// `name` is shown by nats-server's monitoring.
Connection connect(const NatsConfig& config, const NatsLogin& login, const std::string& name,
                   Sending sending, LameDuckSignal& lame_ducks);

// Another one to the same server. Throws NatsError, also where the addresses only ever lead to
// others.
Connection connect_beside(const Connection& other, const NatsConfig& config, const NatsLogin& login,
                          const std::string& name, Sending sending, LameDuckSignal& lame_ducks);

bool connected(const Connection& connection);

// Of the server that it is connected to; empty while it is not.
std::string url_of(const Connection& connection);

// The next message within `patience`; null where none came. Throws NatsError for a subscription or
// connection that has ended, and with NATS_NO_RESPONDERS for the server's word that nobody answers;
// dropped messages (a slow consumer) are no end.
Message next(const Subscription& subscription, std::chrono::milliseconds patience);

std::string_view data(const natsMsg& message);

}  // namespace gateway
