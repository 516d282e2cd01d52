#pragma once
// Which sessions are to be closed, when, and what servers are asked for it: those that a change of
// their credential ends, those whose time is over, and those beyond `max_sessions`. What is to be
// closed is kept until its server has done it, or does not have it, or is gone. A state machine
// without I/O, threads and clocks: it gets the time and what servers say, and returns what is to be
// sent, logged and counted.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/decision/judge.h"
#include "gateway/nats/server_timeout.h"
#include "gateway/nats/system_connection.h"
#include "gateway/sessions/closing.h"
#include "gateway/sessions/full_sweeps.h"
#include "gateway/sessions/role_closings.h"
#include "gateway/sessions/server_queries.h"
#include "gateway/sessions/session_table.h"
#include "gateway/sessions/settled.h"

namespace gateway {

// Not thread-safe, but for the table, which others use at the same time. Borrows its arguments.
// No function throws what `rules` or `members` throws: the fault is logged, and what it kept from
// being done is done again.
class Enforcement {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  // What holds for the sessions of the credential with this id. Absent for a credential that is not
  // of this store: another gateway's, in a cluster of clusters.
  using Rules = std::function<std::optional<auth::SessionRules>(const std::string& id)>;

  struct Actions {
    std::vector<Question> to_send;
    std::vector<Notice> notices;
    std::uint64_t kicked = 0;
  };

  Enforcement(SessionTable& sessions, const ServerTimeout& timeout, RoleClosings::Members members);

  void close(const Session& session, const Now& now);
  // Closes every session that the credential had at `changed`: those in `remembered`, those that
  // servers have, and those that were just being made, once their requests were answered, which
  // `closing` does not wait for.
  void close_all(const std::string& credential, const std::vector<Session>& remembered,
                 const Now& changed, const ClosingPart& closing = {});
  // The same for everybody who has the role (auth::role_id()) by then. The servers are asked for
  // all their sessions once, however many have it, and not at all where nobody has. One session is
  // closed after another, at least a millisecond apart: those who come back log in again, and what
  // else is to be closed is not kept waiting.
  void close_role(const std::string& role_id, const Now& changed, const ClosingPart& closing = {}) {
    roles_.close(role_id, changed, closing);
  }
  // Closes those that its record does not allow any more; again whenever that changes by itself, as
  // `expires_at` does.
  void review(const std::string& credential, const Now& now, const Rules& rules);
  // Asks the servers which sessions the credential has.
  void count(const std::string& credential, const Now& now);

  // Until the first of these nothing is sent. A new connection begins with a sweep over all
  // sessions of the cluster: something was changed while nobody looked.
  void on_connected(const Now& now);
  void on_disconnected() { connected_ = false; }
  // As ServerQueries::on_link.
  void on_link(const std::string& server_id, bool up, const Now& now) {
    queries_.on_link(server_id, up, now.steady);
  }
  void on_message(const SystemConnection::SystemMessage& message, const Now& now,
                  const Rules& rules);

  // Does what is due. Gives what came of all calls since the last one.
  [[nodiscard]] Actions step(const Now& now, const Rules& rules);
  // When step() has something to do, or TimePoint::max().
  TimePoint next_due(const Now& now) const;
  // Whether every server that there is has been heard of since the connection was made.
  bool knows_servers() const { return connected_ && queries_.knows_servers(); }
  // Whether something waits to be closed or asked.
  bool busy(TimePoint now) const {
    return queries_.busy(now) || roles_.next_due() <= now ||
           (connected_ && sweeps_.next_due() <= now);
  }

 private:
  // A closing of late, and what was kicked before there was one: several gateways
  // close the same sessions, and this one may hear of the kicks of another before it hears of why.
  struct Late {
    TimePoint at;
    std::shared_ptr<Closing> closing{};
    std::vector<Session> kicked{};
  };

  struct Fate {
    bool stays = true;
    std::vector<std::string> roles{};  // it may have to go for one of these
  };

  // Calls `act`. Where it throws, the credential is reviewed a second later.
  template <class Act>
  void guard(const std::string& credential, const Now& now, Act act);
  void review_at(const std::string& credential, auth::Time at);
  void review_due(const Now& now, const Rules& rules);
  void review_now(const std::string& credential, const Now& now, const Rules& rules);
  Fate fate_of(const Session& session, const Rules& rules);
  void kick(const Session& session, TimePoint now, const ClosingPart& closing = {});
  void close_too_many(const std::string& credential, const Now& now, const Rules& rules);
  void on_event(const SystemConnection::SystemMessage& message, const Now& now, const Rules& rules);
  void on_reply(const SystemConnection::SystemMessage& message, const Now& now, const Rules& rules);
  void on_closed(const ServerQueries::Closed& closed);
  void on_report(const ServerQueries::Reported& reported, const Now& now, const Rules& rules);
  void apply(ServerQueries::Actions actions, const Now& now, const Rules& rules);
  Late& late_of(const std::string& credential, TimePoint now);
  void count_kicked(const Session& session, TimePoint now);
  void note(Level level, std::string_view event, const Session& session);
  void note_fault(const std::exception& fault);

  SessionTable& sessions_;
  const ServerTimeout& timeout_;
  ServerQueries queries_;
  bool connected_ = false;
  std::map<std::string, auth::Time, std::less<>> reviews_;  // by credential, when
  auth::Time next_review_ = auth::Time::max();
  // By credential: what began until then is to be closed, whatever the record says. A server may be
  // out of reach for a while.
  std::map<std::string, auth::Instant, std::less<>> close_until_;
  std::map<std::string, Late, std::less<>> late_;  // by credential
  FullSweeps sweeps_;
  RoleClosings roles_;
  Actions actions_;
};

}  // namespace gateway
