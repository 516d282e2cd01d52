#pragma once
// Closes the sessions of all who have a role: those that are remembered, member by member, and
// those that servers name. A few at a time, so that what else is to be closed does not wait.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/nats/server_timeout.h"
#include "gateway/sessions/closing.h"
#include "gateway/sessions/full_sweeps.h"
#include "gateway/sessions/server_queries.h"
#include "gateway/sessions/session_table.h"
#include "gateway/sessions/settled.h"

namespace gateway {

// Not thread-safe, but for the table. Borrows its arguments.
class RoleClosings {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  // Ids of the credentials that have the role (auth::role_id()) and are not revoked, in order, the
  // first `limit` after this one. Fewer: there are no more.
  using Members = std::function<std::vector<std::string>(
      const std::string& role_id, const std::string& after, std::size_t limit)>;

  RoleClosings(SessionTable& sessions, const ServerTimeout& timeout, ServerQueries& queries,
               FullSweeps& sweeps, Members members)
      : sessions_(sessions),
        timeout_(timeout),
        queries_(queries),
        sweeps_(sweeps),
        members_(std::move(members)) {}

  // Begins with the next step(). A role that nobody has costs no sweep.
  void close(const std::string& role_id, const Now& changed, const ClosingPart& closing);
  // A server has named the session of a credential with these roles.
  void on_session(const Session& session, const std::vector<std::string>& role_ids, TimePoint now);
  // What was to be closed there has gone, or is to be looked for again.
  void forget_server(std::string_view server_id);
  // Does a part of what is due. Passes on what `members` throws, and tries it again a second later.
  void step(const Now& now);
  // Or TimePoint::max().
  TimePoint next_due() const;

 private:
  struct Role {
    auth::Instant until{};  // what began until then is to be closed
    std::vector<std::shared_ptr<Closing>> closings{};
    std::map<std::pair<std::string, std::uint64_t>, TimePoint> kicks{};  // by server and cid, when
  };
  // Over the members, for their remembered sessions.
  struct Walk {
    std::string role_id;
    Now changed;
    std::vector<ClosingPart> closings{};
    TimePoint due{};
    std::string after{};  // this member
    bool begun = false;
  };

  void begin(Walk& walk);
  void kick(const Session& session, const std::vector<Role*>& roles, TimePoint now);

  SessionTable& sessions_;
  const ServerTimeout& timeout_;
  ServerQueries& queries_;
  FullSweeps& sweeps_;
  Members members_;
  std::deque<Walk> walks_;
  std::map<std::string, Role, std::less<>> roles_;  // by role_id()
  TimePoint last_paced_{};
};

}  // namespace gateway
