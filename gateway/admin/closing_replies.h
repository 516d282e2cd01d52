#pragma once
// Replies to requests that close sessions: each is held back until it is known how many were
// closed, or which server does not answer, for seconds at most. No request waits for another one's
// sessions: whoever revokes a thousand credentials at once has them all revoked at once.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "gateway/admin/operations/context.h"
#include "gateway/platform/locked.h"
#include "gateway/sessions/closing.h"

namespace gateway {

// Thread-safe.
class ClosingReplies {
 public:
  using Clock = std::chrono::steady_clock;
  // How far a closing is. Thread-safe.
  using Lookup = std::function<ClosingReport(const ClosingRequest&)>;
  // Called once, on this object's thread or on that which destroys it. Must not throw.
  using Send = std::function<void(const ClosingReport&)>;
  static constexpr std::chrono::seconds kPatience{3};

  explicit ClosingReplies(Lookup lookup);
  // Sends what still waits, with what is known then.
  ~ClosingReplies();
  ClosingReplies(const ClosingReplies&) = delete;
  ClosingReplies& operator=(const ClosingReplies&) = delete;

  // Does not block. Replies to one actor are sent in the order in which they were added.
  void add(ClosingRequest closing, std::string actor, Send send);

 private:
  struct Waiting {
    ClosingRequest closing;
    std::string actor;
    Send send;
    Clock::time_point end;
  };
  void run(const std::stop_token& stop);
  // Sends those that are done, or whose time is over, unless an earlier one of their actor waits.
  void send_due(std::vector<Waiting>& waiting, bool all) const;

  const Lookup lookup_;
  std::condition_variable_any changed_;
  Locked<std::vector<Waiting>> added_;
  std::jthread thread_;
};

}  // namespace gateway
