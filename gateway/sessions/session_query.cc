#include "gateway/sessions/session_query.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "auth/base/base32.h"
#include "gateway/config/keys.h"
#include "gateway/nats/nats_c.h"
#include "gateway/platform/random.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

// How many servers there are nobody knows, so what ends it is that nobody says any more.
constexpr std::chrono::milliseconds kSilence = 300ms;

void ask(const Connection& connection, const std::string& subject, const std::string& inbox,
         const std::string& credential, std::uint64_t offset) {
  check(natsConnection_PublishRequestString(connection.get(), subject.c_str(), inbox.c_str(),
                                            write_connz_request(credential, offset).c_str()),
        "ask the servers");
}

}  // namespace

std::vector<ServerSessions> find_sessions(const NatsConfig& config, const NatsLogin& login,
                                          const std::string& credential) {
  static LameDuckSignal ignored;  // nats.c counts even after the connection is gone
  const Connection connection =
      connect(config, login, "credgate sessions", Sending::prompt, ignored);
  const std::string inbox = "_INBOX." + auth::write_base32(random_bytes<15>());
  natsSubscription* raw = nullptr;
  check(natsConnection_SubscribeSync(&raw, connection.get(), inbox.c_str()), "subscribe");
  const Subscription answers{raw};
  ask(connection, kConnzOfAll, inbox, credential, 0);

  struct Pages {
    std::uint64_t offset = 0;
    ServerSessions found;
  };
  std::map<std::string, Pages> servers;
  while (const Message message = next(answers, kSilence)) {
    auto connz = read_connz(data(*message));
    if (!connz) continue;
    Pages& pages = servers[connz->server_id];
    pages.found.server_name = connz->server_name;
    for (ConnzEntry& session : connz->sessions) {
      if (session.credential == credential && is_let_in(session))
        pages.found.sessions.push_back(std::move(session));
    }
    if (!connz->more) continue;
    pages.offset += kConnzPage;
    ask(connection, connz_of(connz->server_id), inbox, credential, pages.offset);
  }
  std::vector<ServerSessions> list;
  for (auto& [id, pages] : servers)
    list.push_back(std::move(pages.found));
  std::ranges::sort(list, {}, &ServerSessions::server_name);
  return list;
}

}  // namespace gateway
