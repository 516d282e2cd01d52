#pragma once
// The connections to the system account, for requests to servers and their events: a link to each
// server of the cluster. What is asked of a server goes over its own link, so it reaches a healthy
// one whatever the others do. Events come over one of the links, which hears those of all servers;
// over each they would come once more.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/nats/client.h"
#include "gateway/nats/server_links.h"
#include "gateway/platform/locked.h"

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
  // These are called on other threads.
  using OnMessage = std::function<void(SystemMessage)>;
  using OnChange = std::function<void()>;  // a link has come or gone
  // The link to a server is up; or it was closed, and not from this side.
  using OnLink = std::function<void(const std::string& server_id, bool up)>;

  struct Shared {
    const NatsConfig& config;
    const NatsLogin& login;
    LameDuckSignals& lame_ducks;
    LinkTable& links;
  };

  // Borrows its arguments. Begins to connect.
  SystemConnection(const Shared& shared, OnMessage on_message, OnChange on_change, OnLink on_link);
  SystemConnection(const SystemConnection&) = delete;
  SystemConnection& operator=(const SystemConnection&) = delete;

  // Whether events are heard.
  bool up() const;
  // Of the server that they are heard from.
  std::string url() const;
  // Hears events over another link. False if there is none to be had: it is connected again by
  // itself. Events that came meanwhile are lost, and so may be replies to earlier requests.
  bool listen();
  // Throws NatsError.
  void ask(const std::string& subject, const std::string& body, std::uint64_t number);
  // Makes no link any more. Does not block.
  void request_stop() { server_links_.request_stop(); }

 private:
  class Link;
  // By the servers' ids. Their keepers own them.
  using Links = std::map<std::string, std::weak_ptr<Link>, std::less<>>;

  std::shared_ptr<Link> link_to(std::string_view server_id) const;

  const Shared shared_;
  const OnMessage on_message_;
  const OnChange on_change_;
  const OnLink on_link_;
  Locked<Links> links_;
  std::weak_ptr<Link> heard_;  // that events come over
  ServerLinks server_links_;   // last: it uses the others
};

}  // namespace gateway
