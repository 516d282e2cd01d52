#pragma once
// The admin service: operations on credentials and roles over NATS, verifying for proxies, events,
// discovery, on connections and threads of their own, so that no decision ever waits for them.
// nats-server closes a connection that does not take what is sent to it, so whoever floods the
// operations must not get the proxies' closed. Source: doc/admin-service.md.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "gateway/admin/events.h"
#include "gateway/admin/operation_queues.h"
#include "gateway/admin/request_handler.h"
#include "gateway/admin/service_discovery.h"
#include "gateway/admin/sigv4_verifier.h"
#include "gateway/callout/rules.h"
#include "gateway/config/current_config.h"
#include "gateway/config/keys.h"
#include "gateway/nats/client.h"
#include "gateway/nats/connection_state.h"
#include "gateway/nats/link_table.h"
#include "gateway/nats/subscriber.h"
#include "gateway/platform/pause.h"
#include "store/store.h"

namespace gateway {

class AdminService {
 public:
  // What it writes for the rest of the daemon.
  struct Notes {
    Counters& counters;
    ConnectionState& state;  // of its connections: up while all are
    LameDuckSignal& lame_ducks;
    const LinkTable& links;            // the callout's, to tell servers that answer
    ClosingReplies::Lookup closing{};  // empty: nothing can be closed
  };

  // Borrows its arguments. Connects, and connects again, in a thread of its own.
  AdminService(const CurrentConfig& config, const CurrentRules& rules, const Keys& keys,
               store::Store& store, const SigV4Verifier& verifier, const Notes& notes);
  ~AdminService();
  // From now on no search for sessions begins and no lost connection is made again, so that stop()
  // waits for no server that hangs. Does not block.
  void prepare_stop();
  // Answers what was asked until now, and ends its threads. What is told after it is heard by
  // nobody.
  void stop();
  AdminService(const AdminService&) = delete;
  AdminService& operator=(const AdminService&) = delete;

  // These return at once, and are thread-safe.
  void tell(const DecisionEvent& event);
  // There is something new in the journal.
  void look();

 private:
  using Clock = std::chrono::steady_clock;

  void run(const std::stop_token& stop);
  // Operations, and their connection.
  struct Link {
    const char* name;  // for nats-server's monitoring
    OperationQueues::Operations operations;
    Connection connection{};
    std::unique_ptr<OperationQueues> queues{};
  };
  // Those that are lost; false where one is still.
  bool connect_lost();
  // `last`: as of connect().
  void connect_link(Link& link, const std::string& last);
  void connect_proxies(const std::string& last);
  void flush_all() const;
  void publish_events();
  void answer_discovery(const natsMsg& message);
  void answer_verify(const natsMsg& message);

  const CurrentConfig& config_;
  const Keys& keys_;
  store::Store& store_;
  RequestHandler handler_;
  Counters& counters_;
  ConnectionState& state_;
  LameDuckSignal& lame_ducks_;
  const LinkTable& servers_;
  const ClosingReplies::Lookup closing_;
  const std::string store_id_;
  ServiceDiscovery discovery_;
  DecisionEvents decisions_;
  std::uint64_t published_;  // the newest journal entry whose event is out

  std::atomic<bool> stops_ = false;
  std::string error_;
  Clock::time_point next_ping_{};
  Connection connection_;  // for proxies, events and discovery
  std::array<Link, 2> links_{
      {{.name = "credgate admin security", .operations = OperationQueues::Operations::security},
       {.name = "credgate admin operations", .operations = OperationQueues::Operations::others}}};
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  Pause pause_;            // until there is something to publish
  Pause reconnect_pause_;  // which nothing but a stop ends
  std::jthread thread_;
};

}  // namespace gateway
