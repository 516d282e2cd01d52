#pragma once
// The operations of the admin service on one connection: who waits for what. Three queues, each
// with threads of its own: suspend, revoke and kick; sessions, which waits for servers; all others.
// So whoever floods one with requests delays no operation of the other two, and in the same queue
// each other caller by one request (request_queue.h).

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "gateway/admin/request_handler.h"
#include "gateway/admin/request_queue.h"
#include "gateway/admin/service_discovery.h"
#include "gateway/nats/client.h"
#include "gateway/nats/subscriber.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/locked.h"

namespace gateway {

class OperationQueues {
 public:
  struct Deps {
    const Connection& connection;
    const RequestHandler& handler;
    Counters& counters;
    ServiceDiscovery& discovery;
  };

  // Subscribes. Borrows its arguments. Throws NatsError.
  explicit OperationQueues(const Deps& deps);
  // Drops the requests that wait: on a connection that is lost, nobody would hear of them.
  ~OperationQueues();
  OperationQueues(const OperationQueues&) = delete;
  OperationQueues& operator=(const OperationQueues&) = delete;

  // Takes no more requests, and answers those that were sent until now.
  void drain();

 private:
  RequestQueue& make_queue(const RequestQueue::Limits& limits);
  // Queues the request, or answers at once why not.
  void take(const natsMsg& message, RequestQueue& queue);
  void answer(const QueuedRequest& request, bool too_late);
  void finish(const QueuedRequest& request, AdminReply& reply, std::chrono::nanoseconds took);
  void log_request(const QueuedRequest& request, const AdminReply& reply);

  struct BusyLog {
    std::chrono::steady_clock::time_point at{};  // of the last line
    std::uint64_t unlogged = 0;                  // since then
  };

  const Deps deps_;
  Locked<BusyLog> busy_log_;
  std::vector<std::unique_ptr<RequestQueue>> queues_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;  // they use the queues
};

}  // namespace gateway
