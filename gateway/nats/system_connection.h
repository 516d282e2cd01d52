#pragma once
// The connection to the system account, for requests to servers and their events. It reconnects
// after each loss.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/nats/client.h"
#include "gateway/nats/subscriber.h"

namespace gateway {

// The permissions that the gateway's user in the system account needs: to close connections, to
// list them, and to receive events of new and closed ones.
inline const std::vector<std::string> kSystemPublish = {"$SYS.REQ.SERVER.*.KICK",
                                                        "$SYS.REQ.SERVER.*.CONNZ"};
inline const std::vector<std::string> kSystemSubscribe = {
    "_INBOX.>", "$SYS.ACCOUNT.*.CONNECT", "$SYS.ACCOUNT.*.DISCONNECT", "$SYS.SERVER.*.SHUTDOWN"};

// Not thread-safe; messages are handled on other threads.
class SystemConnection {
 public:
  struct SystemMessage {
    std::string subject;       // of an event; empty for a reply
    std::uint64_t number = 0;  // number of the request that it replies to
    std::string data;
  };
  // Called on other threads.
  using OnMessage = std::function<void(SystemMessage)>;

  // Borrows its arguments. Does not connect yet.
  SystemConnection(const NatsConfig& config, const NatsLogin& login, LameDuckSignal& lame_ducks,
                   OnMessage hear);
  ~SystemConnection();
  SystemConnection(const SystemConnection&) = delete;
  SystemConnection& operator=(const SystemConnection&) = delete;

  bool up() const { return connected(connection_); }
  std::string url() const { return url_of(connection_); }
  // Whether there may be another server.
  bool has_others() const;
  // Whether its server answers within `patience`.
  bool answers(std::chrono::milliseconds patience) const {
    return gateway::answers(connection_, patience);
  }
  // Makes another connection, to another server where there is one. False if there is none to be
  // had: then one that is up is kept. Each new reason is logged once. After a reconnect, replies to
  // earlier requests do not arrive.
  bool connect_again();
  // Throws NatsError.
  void ask(const std::string& subject, const std::string& body, std::uint64_t number);

 private:
  void on_message(const natsMsg& message);

  const NatsConfig& config_;
  const NatsLogin& login_;
  LameDuckSignal& lame_ducks_;
  OnMessage on_message_;
  std::string inbox_;
  std::string error_;
  Connection connection_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;  // last: they use all the others
};

}  // namespace gateway
