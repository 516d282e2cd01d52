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
#include <vector>

// As <nats/nats.h> declares them. That header is read where nats.c is called
// (gateway/nats/nats_c.h).
// NOLINTBEGIN(bugprone-reserved-identifier): the names are its own
using natsConnection = struct __natsConnection;
using natsMsg = struct __natsMsg;
using natsOptions = struct __natsOptions;
using natsSubscription = struct __natsSubscription;
// NOLINTEND(bugprone-reserved-identifier)

namespace gateway {

struct NatsConfig;
struct NatsLogin;

class NatsError : public std::runtime_error {
 public:
  NatsError(std::string_view step, std::string_view reason);
};

// The server says that nobody has subscribed to what was asked.
class NoResponders : public NatsError {
 public:
  using NatsError::NatsError;
};

// A message is overwritten first: it may hold a password, or an answer with a new secret.
struct NatsDestroy {
  void operator()(natsConnection* connection) const;
  void operator()(natsMsg* message) const;
  void operator()(natsOptions* options) const;
  void operator()(natsSubscription* subscription) const;
};
using Connection = std::unique_ptr<natsConnection, NatsDestroy>;
using Message = std::unique_ptr<natsMsg, NatsDestroy>;
using Options = std::unique_ptr<natsOptions, NatsDestroy>;
using Subscription = std::unique_ptr<natsSubscription, NatsDestroy>;

// How a connection sends. nats.c gathers what is published for up to a millisecond: batched, one
// answer alone waits that long; promptly, many at once cost a third more.
enum class Sending : std::uint8_t { batched, prompt };

// How its server names a connection.
struct ConnectionId {
  std::string server_id;  // "N…"
  std::uint64_t cid = 0;
};

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

// Longer than the server's own: a gateway that is missing in auth_users is delegated to itself, and
// only the server's answer after its timeout says why nobody is let in.
inline constexpr std::chrono::milliseconds kConnectTimeout{7000};

// Connects once, or throws NatsError. Logs in with `login`, which is not needed afterwards.
// `name` is shown by nats-server's monitoring. The servers are tried in a random order, that of
// `last`, a url of url_of(), after the others: a server that hangs takes a connection and answers
// nothing, so trying it costs `timeout`.
Connection connect(const NatsConfig& config, const NatsLogin& login, const std::string& name,
                   Sending sending, LameDuckSignal& lame_ducks, const std::string& last = {},
                   std::chrono::milliseconds timeout = kConnectTimeout);

// Another one to the same server. Throws NatsError, also where the addresses only ever lead to
// others.
Connection connect_beside(const Connection& other, const NatsConfig& config, const NatsLogin& login,
                          const std::string& name, Sending sending, LameDuckSignal& lame_ducks);

bool connected(const Connection& connection);
// Whether it was closed, and not by this side: neither by its owner, nor by nats.c because a server
// that hangs answered no ping.
bool closed_by_server(const Connection& connection);

// Whether its server answers a ping within `patience`, or sends something else. One that hangs, or
// that no packet reaches, leaves the connection as it is: nats.c takes it for lost after kPing
// (client.cc) twice.
bool answers(const Connection& connection, std::chrono::milliseconds patience);

// Throws NatsError.
ConnectionId id_of(const Connection& connection);

// Of the server that it is connected to; empty while it is not.
std::string url_of(const Connection& connection);

// In a random order, but those that lead where `last` does behind the others.
std::vector<std::string> in_order_of_trying(std::vector<std::string> urls, std::string_view last);

// The next message within `patience`; null where none came. Throws NatsError for a subscription or
// connection that has ended, and NoResponders, which ends nothing. Messages that were lost, because
// nats.c had no place for more, are logged, and end nothing either.
Message next(const Subscription& subscription, std::chrono::milliseconds patience);

std::string_view data(const natsMsg& message);

}  // namespace gateway
