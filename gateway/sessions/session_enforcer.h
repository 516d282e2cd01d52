#pragma once
// Closes sessions that may not stay, on every server of the cluster, over the system account. What
// it decides is in enforcement.h; here are its thread, its connection and the clock.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "gateway/nats/client.h"
#include "gateway/nats/connection_state.h"
#include "gateway/nats/server_timeout.h"
#include "gateway/nats/system_connection.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/locked.h"
#include "gateway/sessions/admission.h"
#include "gateway/sessions/closing.h"
#include "gateway/sessions/closings.h"
#include "gateway/sessions/enforcement.h"
#include "gateway/sessions/session_table.h"
#include "store/journal.h"

namespace gateway {

class SessionEnforcer {
 public:
  using Clock = std::chrono::steady_clock;
  // Called on the enforcer's thread. They may throw, and are then called again.
  using Rules = Enforcement::Rules;
  using Members = RoleClosings::Members;

  // What it shares with the rest of the daemon. Borrowed.
  struct Shared {
    ConnectionState& state;  // of its connection
    LinkTable& links;        // of its links to servers
    LameDuckSignals& lame_ducks;
    const ServerTimeout& server_timeout;
    SessionTable& sessions;
    Count& kicked;
    std::uint64_t journal;  // its newest entry before on_change() is called
  };

  // Borrows its arguments. Connects, and connects again, in a thread of its own. Each time it
  // reviews every session in the cluster: something was changed while nobody looked.
  SessionEnforcer(const NatsConfig& config, const NatsLogin& login, const Shared& shared,
                  Rules rules, Members members);
  ~SessionEnforcer();
  SessionEnforcer(const SessionEnforcer&) = delete;
  SessionEnforcer& operator=(const SessionEnforcer&) = delete;

  // These return at once, and are thread-safe.
  // As SessionTable::admit. After a refusal the servers are asked to count.
  bool admit(const Session& session, std::uint32_t max_sessions);
  void close(Session session);
  // Every session that the credential has now: those that are remembered, those that the servers
  // know, and those that are just being made, once their requests were answered.
  void close_all(const std::string& credential, ClosingPart closing = {});
  // Those that its record does not allow any more; again whenever that changes by itself, as
  // `expires_at` does.
  void review(const std::string& credential);

  // What an entry of the journal says goes for the sessions that are open.
  void on_change(const store::Entry& entry);
  // An entry of before this began, as old as kRemember at most: sessions that a role's change was
  // to close may still be open. (Those that their records do not allow are found anyway.)
  void on_earlier(const store::Entry& entry);
  static constexpr std::chrono::hours kRemember{1};
  // `credential`: or auth::role_id(). Of the newest closing that the journal asked for up to the
  // entry `sequence`, whatever was asked for since. Without one: of the sessions that are open
  // anyway, or, of a role, not done. Not done while that entry was not read.
  ClosingReport closing(const std::string& credential, std::uint64_t sequence) const;

  // Waits until nothing is left to close, for two seconds at most. Afterwards a connection that is
  // lost stays so: a server that hangs would keep the destructor waiting.
  void drain();

 private:
  using Task = std::function<void()>;  // for the thread
  struct Queue {
    std::deque<Task> tasks;
    bool busy = false;
    bool draining = false;
    bool drained = false;
  };

  void push(Task task);
  void close_role(const store::Entry& entry, const Now& changed);
  void run(const std::stop_token& stop);
  void work();
  void listen();
  Clock::time_point wake_at() const;

  Shared shared_;
  Rules rules_;
  Admission admission_;
  std::condition_variable_any changed_;
  Locked<Queue> queue_;
  Closings closings_;
  std::atomic<std::uint64_t> followed_;  // the newest entry that on_change() has got
  std::atomic<bool> knows_servers_ = false;
  Enforcement enforcement_;  // of the thread alone
  SystemConnection connection_;
  std::jthread thread_;
};

}  // namespace gateway
