#pragma once
// The operations of the admin service: who waits for what. Three queues, each with threads of its
// own: suspend, revoke and kick, on a connection of their own, which nobody gets closed by what he
// sends to the others; sessions, which waits for servers; all others.
// So whoever floods one with requests delays no operation of the other two, and in the same queue
// each other caller by one request (request_queue.h). What is not queued is answered at once, and
// costs no look into the store (recent_callers.h).

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "gateway/admin/closing_replies.h"
#include "gateway/admin/recent_callers.h"
#include "gateway/admin/request_handler.h"
#include "gateway/admin/request_queue.h"
#include "gateway/admin/service_discovery.h"
#include "gateway/nats/client.h"
#include "gateway/nats/subscriber.h"
#include "gateway/platform/counters.h"

namespace gateway {

struct OwnQueue;

class OperationQueues {
 public:
  enum class Operations : std::uint8_t { security, others };
  struct Deps {
    const Connection& connection;
    const RequestHandler& handler;
    Counters& counters;
    ServiceDiscovery& discovery;
    ClosingReplies::Lookup closing;  // empty: nothing can be closed
  };

  // Subscribes. Borrows its arguments. Throws NatsError.
  OperationQueues(Operations operations, const Deps& deps);
  // Drops the requests that wait: on a connection that is lost, nobody would hear of them.
  ~OperationQueues();
  OperationQueues(const OperationQueues&) = delete;
  OperationQueues& operator=(const OperationQueues&) = delete;

  // Takes no more requests than were sent until now. Those that are not begun by `end` are told to
  // ask again. Does not block.
  void start_drain(std::chrono::steady_clock::time_point end);
  // Answers those that start_drain() takes, with what was closed until now, and returns.
  void drain();

 private:
  void subscribe(const OwnQueue& own);
  void subscribe_others();
  RequestQueue& make_queue(const RequestQueue::Limits& limits);
  // Queues the request, or answers at once why not.
  void take(const natsMsg& message, RequestQueue& queue);
  // Whether its sender may ask at all; the body is not looked at.
  AdminReply admit(const AdminRequest& request);
  void answer(const QueuedRequest& request, bool too_late);
  void answer_once_closed(const QueuedRequest& request, AdminReply&& reply,
                          std::chrono::nanoseconds took);
  void finish(const QueuedRequest& request, AdminReply& reply, std::chrono::nanoseconds took);
  void log_request(const QueuedRequest& request, const AdminReply& reply);

  const Deps deps_;
  RecentCallers callers_;
  std::unique_ptr<ClosingReplies> closing_;  // null: nothing can be closed
  std::vector<std::unique_ptr<RequestQueue>> queues_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;  // they use the queues
};

}  // namespace gateway
