#pragma once
// What servers are asked over the system account: to close a connection (KICK), to name those that
// they have (CONNZ). Each is asked again until its server has answered, or is gone.
// Source: nats-server `events.go`.

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
#include "gateway/sessions/connz.h"
#include "gateway/sessions/connz_pager.h"
#include "gateway/sessions/session_table.h"

namespace gateway {

// Of one thread.
class ServerQueries {
 public:
  using Clock = std::chrono::steady_clock;

  struct Uses {
    // As SystemConnection::ask.
    std::function<void(const std::string& subject, const std::string& body, std::uint64_t number)>
        ask;
    std::function<Clock::time_point()> now;
    // Of a connection that a server has named: false closes it. Where it throws, the server is
    // asked again. `let_in` is false where the server may still be waiting for the callout's
    // answer.
    std::function<bool(const Session&, bool let_in)> may_stay;
    // The server has named all that it has of the credential, or, where that is empty, of any.
    // It was asked at `asked`, or later.
    std::function<void(std::string_view server_id, const std::string& credential,
                       const SessionTable::ServerReport&, Clock::time_point asked)>
        named;
    std::function<void(const Session&, bool kicked)> closed;  // or it was not there
    // It has shut down, or does not answer any more.
    std::function<void(std::string_view server_id)> gone;
  };

  explicit ServerQueries(Uses uses);

  // Until `unknown_until` the server may not know of it yet: it is asked again soon.
  void kick(Session connection, Clock::time_point unknown_until = {});
  // Asks every server for the credential's connections, or, where it is empty, for all, and closes
  // those that may not stay.
  void sweep(std::string credential, Clock::time_point due);

  // A server that was heard of. One that was not known is asked for all that it has: what was asked
  // of the others it has not heard. False for one that has shut down.
  bool met(const std::string& server_id, const std::string& name);
  void shut_down(std::string_view server_id);
  // Its id where no name is known.
  std::string name_of(const std::string& server_id) const;

  void take(const SystemConnection::SystemMessage& answer);
  // Asks what is due, for the first time or again. Throws what `ask` throws.
  void send_due();
  // No answer to what was asked before comes any more: it is due again.
  void start_over();

  Clock::time_point next_due() const;  // or time_point::max()
  // Whether an answer is awaited, or something is due.
  bool open() const;

 private:
  struct Kick {
    Session connection;
    Clock::time_point unknown_until{};
  };
  // What one server, or each where `server_id` is empty, says of its connections.
  struct Sweep {
    std::string credential{};
    std::string server_id{};
    ConnzPager pager{};
    SessionTable::ServerReport named{};
    std::vector<Session> to_close{};  // kept to the last page, as closing shifts the next one
  };
  struct Asked {
    std::variant<Kick, Sweep> what;
    Clock::time_point due{};                        // of the next try
    std::optional<Clock::time_point> first_sent{};  // of a sweep: for its first page
    int tries = 0;
    bool sent = false;
    std::set<std::string> answered{};  // of a sweep over all servers: those that did
  };

  void put(Asked asked);
  void set_due(std::uint64_t number, Asked& asked, Clock::time_point due);
  void forget(std::uint64_t number);
  void leave(std::string_view server_id);
  void give_up(const std::string& server_id);
  void look_for_lost();
  void log_failed(const Session& connection, const std::string& error) const;
  void take_kick(std::uint64_t number, Asked& asked, std::string_view answer);
  void take_page(std::uint64_t number, Asked& asked, std::string_view answer);
  void take_connz(std::uint64_t number, Asked& asked, const Connz& connz, ConnzPager pager,
                  bool last);
  void read_again(std::uint64_t number, Asked& asked, ConnzPager from);
  void send(std::uint64_t number, Asked& asked);
  void send_again(std::uint64_t number, Asked& asked);
  void kick_again(std::uint64_t number, Asked& asked, const Kick& kick);
  void sweep_again(std::uint64_t number, Asked& asked, const Sweep& sweep);

  Uses uses_;
  std::map<std::string, std::string, std::less<>> servers_;     // by id, their names
  std::set<std::string, std::less<>> ended_;                    // ids of servers that shut down
  std::map<std::string, Clock::time_point, std::less<>> lost_;  // ids of those given up, until when
  Clock::time_point next_look_ = Clock::time_point::max();      // for them
  std::map<std::uint64_t, Asked> asked_;
  std::set<std::pair<Clock::time_point, std::uint64_t>> due_;  // of all that is asked
  std::uint64_t next_number_ = 0;
};

}  // namespace gateway
