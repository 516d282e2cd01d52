#pragma once
// What is asked of servers over the system account: to close a session (KICK), to name those that
// they have (CONNZ). Each is asked again until its server has answered, or is gone. A state machine
// without I/O: it gets the time and the replies, and returns what is to be done.
// Source: nats-server `events.go`.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/nats/session.h"
#include "gateway/nats/system_connection.h"
#include "gateway/platform/log.h"
#include "gateway/sessions/closing.h"
#include "gateway/sessions/connz.h"
#include "gateway/sessions/connz_pager.h"
#include "gateway/sessions/question.h"
#include "gateway/sessions/session_table.h"
#include "gateway/sessions/unreachable_servers.h"

namespace gateway {

// To be logged. What is empty is not part of it.
struct Notice {
  Level level{};
  std::string_view event{};
  std::string credential{};
  std::string server{};  // its name, or its id where no name is known
  std::string cid{};
  std::string error{};
};

// Not thread-safe.
class ServerQueries {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Closed {
    Session session;
    bool kicked = false;     // false: the server did not have it
    bool was_there = false;  // it was a session, and not a login that was being decided
    std::vector<ClosingPart> of{};
  };
  // All sessions of the credential that the server has, or, where that is empty, of any.
  struct Reported {
    std::string server_id;
    std::string credential;
    SessionTable::ServerReport report;
    TimePoint asked;  // or later
  };
  struct Actions {
    std::vector<Question> to_send;
    std::vector<Closed> closed;
    std::vector<Reported> reported;
    std::vector<std::string> gone;  // ids of servers that shut down, or do not answer any more
    std::vector<Notice> notices;
  };
  // Whether a session that a server has named may stay; false closes it. `let_in` is false where
  // the server may still be waiting for the callout's answer.
  using MayStay = std::function<bool(const Session&, bool let_in)>;

  // Until `unknown_until` the server may not know of the session yet: it is asked again soon. A
  // closing does not wait for that. `of`: all the closings that wait for it.
  void kick(Session session, TimePoint now, TimePoint unknown_until = {},
            std::vector<ClosingPart> of = {}) {
    for (const ClosingPart& closing : of)
      closing->found(session);
    put({.what = Kick{.session = std::move(session),
                      .unknown_until = unknown_until,
                      .of = std::move(of)},
         .due = now});
  }
  // Asks every server for the credential's sessions, or, where it is empty, for all, and closes
  // those that may not stay. A closing also waits for the servers that do not answer now.
  void sweep(const std::string& credential, TimePoint due, const std::vector<ClosingPart>& of = {});
  // Whether all servers that there are have had the time to answer since the connection was made.
  bool knows_servers() const { return knows_servers_; }

  // A server was heard of. One that was not known is asked for all that it has: what was asked of
  // the others it has not heard. False for one that has shut down.
  bool observe_server(const std::string& server_id, const std::string& name, TimePoint now);
  [[nodiscard]] Actions on_shutdown(std::string_view server_id);
  // Not `up`: the connection to the server was closed from its side. If it does not answer over the
  // other servers either, it has died: one that hangs keeps its connections.
  void on_link(const std::string& server_id, bool up, TimePoint now);
  // The server's id where no name is known.
  std::string name_of(const std::string& server_id) const {
    const auto known = servers_.find(server_id);
    return known == servers_.end() ? server_id : known->second;
  }

  // Passes on what `may_stay` throws. The server is then asked again.
  [[nodiscard]] Actions on_reply(const SystemConnection::SystemMessage& reply, TimePoint now,
                                 const MayStay& may_stay);
  // Asks what is due, for the first time or again.
  [[nodiscard]] Actions step(TimePoint now);
  // The connection is another one: what was asked over the old one gets no reply, and is due again.
  void start_over(TimePoint now);

  // Or TimePoint::max().
  TimePoint next_due() const {
    const auto probe = unreachable_.next_due();
    return due_.empty() ? probe : std::min(probe, due_.begin()->first);
  }
  // Whether a reply is awaited, or something is due.
  bool busy(TimePoint now) const;

 private:
  struct Kick {
    Session session;
    TimePoint unknown_until{};
    bool let_in = true;  // false: its login may still be being decided
    std::vector<ClosingPart> of{};
  };
  // Of one server, or of each where `server_id` is empty.
  struct Sweep {
    std::string credential{};
    std::string server_id{};
    ConnzPager pager{};
    SessionTable::ServerReport report{};
    std::vector<Session> to_close{};  // kept to the last page, as closing shifts the next one
    ClosingParts of{};
  };
  struct Query {
    std::variant<Kick, Sweep> what;
    TimePoint due{};                        // of the next try
    std::optional<TimePoint> first_sent{};  // of a sweep: its first page
    int tries = 0;
    bool sent = false;
    std::set<std::string> answered{};  // of a sweep over all servers: the ids of those that did
  };

  void put(Query query);
  void set_due(std::uint64_t number, Query& query, TimePoint due);
  // Nobody waits for the time of a sweep over all servers to be over, once all have answered.
  void note_answered(Query& query, const std::string& server_id);
  void set_unsent(std::uint64_t number, Query& query, TimePoint due);
  void forget(std::uint64_t number);
  // Gives what waited for it.
  ClosingParts forget_server(std::string_view server_id);
  void give_up(const std::string& server_id, TimePoint since, TimePoint now);
  // How often a server is asked before it is given up.
  int max_tries(const std::string& server_id) const;
  void close_found(Sweep& sweep, TimePoint now);
  static void note_silent(const ClosingParts& of, const std::string& server_id,
                          const std::string& name, TimePoint since);
  void note_failed(const Session& session, const std::string& error);
  void note_unanswered(const std::string& server, const std::string& credential);
  void on_kick_reply(std::uint64_t number, Query& query, std::string_view data, TimePoint now);
  void on_page(std::uint64_t number, Query& query, std::string_view data, TimePoint now,
               const MayStay& may_stay);
  void read_again(std::uint64_t number, Query& query, ConnzPager from, TimePoint now);
  // `next`: absent for the last page.
  void use_page(std::uint64_t number, Query& query, const Connz& page,
                std::optional<ConnzPager> next, TimePoint now, const MayStay& may_stay);
  void send(std::uint64_t number, Query& query, TimePoint now);
  void send_again(std::uint64_t number, Query& query, TimePoint now);
  void kick_again(std::uint64_t number, Query& query, const Kick& kick, TimePoint now);
  void sweep_again(std::uint64_t number, Query& query, const Sweep& sweep, TimePoint now);

  std::map<std::string, std::string, std::less<>> servers_;  // their names, by id
  std::set<std::string, std::less<>> shut_down_;             // ids
  std::set<std::string, std::less<>> link_closed_;           // ids
  UnreachableServers unreachable_;
  std::map<std::uint64_t, Query> queries_;
  std::set<std::pair<TimePoint, std::uint64_t>> due_;  // of all queries
  std::uint64_t next_number_ = 0;
  bool knows_servers_ = false;
  Actions actions_;
};

}  // namespace gateway
