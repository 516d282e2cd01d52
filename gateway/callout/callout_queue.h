#pragma once
// Between the thread that reads requests and the workers that decide them: a bounded queue
// (waiting_requests.h). What cannot be decided in time is dropped from it before it costs more than
// a look into its beginning, counted, and remembered, so that the next attempt goes first.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "gateway/callout/missed_logins.h"
#include "gateway/callout/request_task.h"
#include "gateway/callout/waiting_requests.h"
#include "gateway/nats/client.h"
#include "gateway/nats/server_timeout.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/locked.h"

namespace gateway {

// The request of a message, which just came. Borrows from it.
CalloutMessage read_message(natsMsg& message);
// As it came.
CalloutMessage read_message(const WaitingRequest& request);

// Thread-safe.
class CalloutQueue {
 public:
  using Clock = WaitingRequest::Clock;

  // Some 8,000 requests of a usual size.
  static constexpr WaitingRequests::Limits kLimits{.few = std::size_t{128} << 10,
                                                   .unsorted = std::size_t{6} << 20,
                                                   .sorted = std::size_t{18} << 20};

  // The references must outlive it.
  CalloutQueue(const ServerTimeout& server_timeout, MissedLogins& missed, Counters& counters,
               WaitingRequests::Limits limits = kLimits);

  // `path`: on which they came.
  void push(std::vector<Message> messages, Clock::time_point arrived = Clock::now(),
            const std::shared_ptr<const RequestPath>& path = {});
  // The one whose turn it is. Waits for it; absent once `stop` was requested and none waits.
  // `codec`: the caller's, with which it looks into some that wait.
  std::optional<WaitingRequest> pop(const std::stop_token& stop, CalloutCodec& codec);
  // Forgets what waits.
  void clear() { waiting_.lock()->clear(); }

  std::size_t size() const { return waiting_.lock()->size(); }

  // Logs what was dropped since the last call, if anything was. For one thread.
  void log_dropped();

 private:
  // Freed outside the lock, and many at once: nats.c wakes a thread of its own for it each time.
  using Dropped = std::vector<WaitingRequest>;

  // Releases the lock meanwhile.
  void sort(Locked<WaitingRequests>::Guard& waiting, CalloutCodec& codec);
  // Under the lock:
  void drop_displaced(WaitingRequests& waiting, Dropped& dropped);
  void drop_expired(WaitingRequests& waiting, Dropped& expired);
  // Outside it:
  void remember(const Dropped& expired, CalloutCodec& codec);
  WaitingRequests::Peeked peek(const WaitingRequest& request, CalloutCodec& codec) const;

  const ServerTimeout& server_timeout_;
  MissedLogins& missed_;
  Counters& counters_;
  std::condition_variable_any changed_;
  Locked<WaitingRequests> waiting_;
  std::uint64_t logged_;  // how many were dropped until then
};

}  // namespace gateway
