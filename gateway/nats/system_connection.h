#pragma once
// A connection to the system account, over which servers are asked and heard. It is made again
// after each loss.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/nats/client.h"
#include "gateway/nats/subscriber.h"

namespace gateway {

// All that the gateway's user in the system account needs: to close connections, to find them, and
// to hear of those that come and go.
inline const std::vector<std::string> kSystemPublish = {"$SYS.REQ.SERVER.*.KICK",
                                                        "$SYS.REQ.SERVER.*.CONNZ"};
inline const std::vector<std::string> kSystemSubscribe = {
    "_INBOX.>", "$SYS.ACCOUNT.*.CONNECT", "$SYS.ACCOUNT.*.DISCONNECT", "$SYS.SERVER.*.SHUTDOWN"};

// Of one thread, but for what it hears.
class SystemConnection {
 public:
  struct SystemMessage {
    std::string subject;       // of an event; empty for an answer
    std::uint64_t number = 0;  // of the question that it answers
    std::string data;
  };
  // Called on other threads.
  using OnMessage = std::function<void(SystemMessage)>;

  // All must outlive this. Does not connect yet.
  SystemConnection(const NatsConfig& config, const NatsLogin& login, LameDuckSignal& lame_ducks,
                   OnMessage hear);
  ~SystemConnection();
  SystemConnection(const SystemConnection&) = delete;
  SystemConnection& operator=(const SystemConnection&) = delete;

  bool up() const { return connected(connection_); }
  std::string url() const { return url_of(connection_); }
  // False where there is no connection yet; each new reason is logged once. Answers to what was
  // asked before do not come any more.
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
