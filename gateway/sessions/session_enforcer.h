#pragma once
// Closes live connections, on every server of the cluster, over the system account: those that a
// change of their credential ends, and those whose time is over. What is to be closed is kept until
// its server has done it, or has no such connection, or is gone.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "auth/decision/judge.h"
#include "gateway/nats/client.h"
#include "gateway/nats/connection_state.h"
#include "gateway/nats/server_timeout.h"
#include "gateway/nats/system_connection.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/log.h"
#include "gateway/sessions/server_queries.h"
#include "gateway/sessions/session_table.h"
#include "store/journal.h"

namespace gateway {

class SessionEnforcer {
 public:
  using Clock = std::chrono::steady_clock;
  // Absent for a credential that is not of this store: another gateway's, in a cluster of clusters.
  // Where it throws, it is asked again.
  using Ask = std::function<std::optional<auth::Standing>(const std::string& id)>;

  // What it shares with the rest of the daemon; all of it must outlive this.
  struct Shared {
    ConnectionState& state;  // of its connection
    LameDuckSignal& lame_ducks;
    const ServerTimeout& server_timeout;
    SessionTable& sessions;
    Count& kicked;
  };

  // The references must outlive this. Connects, and connects again, in a thread of its own. Each
  // time it reviews every live connection in the cluster: something was changed while nobody
  // looked.
  SessionEnforcer(const NatsConfig& config, const NatsLogin& login, const Shared& shared, Ask ask);
  ~SessionEnforcer();
  SessionEnforcer(const SessionEnforcer&) = delete;
  SessionEnforcer& operator=(const SessionEnforcer&) = delete;

  // These return at once, and are thread-safe.
  // As SessionTable::admit; after a refusal the servers are asked to count.
  bool admit(const Session& connection, std::uint32_t most);
  void close(Session connection);
  // Every connection that the credential has now: those that are remembered, those that the servers
  // know, and those that are just being made, once their requests were answered.
  void close_all(const std::string& credential);
  // Those that its record does not allow any more; again whenever that changes by itself, as
  // `expires_at` does.
  void review(const std::string& credential);

  // What an entry of the journal says goes for the sessions that are open.
  void on_change(const store::Entry& entry);

  // Waits, for two seconds at most, until nothing is left to close.
  void drain();

 private:
  using Task = std::function<void()>;  // for the thread

  void hand_in(Task task);
  void run(const std::stop_token& stop);
  void work();
  Clock::time_point wake_at() const;

  auth::Instant settled(Clock::time_point at = Clock::now()) const;
  void review_at(const std::string& credential, auth::Time when);
  bool may_stay(const Session& connection);
  bool keeps(const Session& connection, bool let_in);
  void kick(const Session& connection);
  void log_connection(Level level, std::string_view event, const Session& connection) const;
  void or_later(const std::string& credential, const Task& task);
  void close_too_many(const std::string& credential);
  void review_now(const std::string& credential);
  void review_what_is_due();
  void on_message(const SystemConnection::SystemMessage& message);
  void on_event(const SystemConnection::SystemMessage& message);
  void was_closed(const Session& connection, bool kicked);
  void named(std::string_view server_id, const std::string& credential,
             const SessionTable::ServerReport& has, Clock::time_point asked);

  Shared shared_;
  Ask ask_;
  // From when on servers tell what comes and goes, and have told what was there.
  std::atomic<Clock::time_point> listening_from_ = Clock::time_point::max();

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> tasks_;
  std::map<std::string, Clock::time_point, std::less<>> counted_;  // by credential, when last
  bool busy_ = false;
  bool draining_ = false;

  SystemConnection connection_;
  // Of the thread alone:
  ServerQueries queries_;
  std::map<std::string, auth::Time, std::less<>> reviews_;  // by credential, when
  auth::Time next_review_ = auth::Time::max();
  // By credential: what began until then is to be closed, whatever the record says. A server may be
  // out of reach for a while.
  std::map<std::string, auth::Instant, std::less<>> close_until_;
  Clock::time_point look_through_;  // all that servers have, when
  std::jthread thread_;             // last: it uses all the others
};

}  // namespace gateway
