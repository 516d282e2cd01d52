#pragma once
// What servers are asked over the system account: to close a connection (KICK), to name those that
// they have (CONNZ). Each is asked again until its server has answered, or is gone.
// Source: nats-server `events.go`.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "auth/time_text.h"
#include "gateway/connected.h"
#include "gateway/connz.h"
#include "gateway/system_link.h"

namespace gateway {

// Of one thread.
class ServerRequests {
 public:
  using Clock = std::chrono::steady_clock;

  struct Uses {
    // As SystemLink::ask.
    std::function<void(const std::string& subject, const std::string& body, std::uint64_t number)>
        ask;
    // Of a connection that a server has named: false closes it. Where it throws, the server is
    // asked again. `let_in`: it is not just being asked about. `all_until`: as in sweep().
    std::function<bool(const Connected&, bool let_in, auth::Instant all_until)> may_stay;
    // The server has named all that it has of the credential, or, where that is empty, of any.
    std::function<void(std::string_view server_id, const std::string& credential,
                       const std::set<std::uint64_t>& cids)>
        named;
    std::function<void(const Connected&, bool kicked)> closed;  // or it was not there
    std::function<void(std::string_view server_id)> gone;
  };

  explicit ServerRequests(Uses uses);

  void kick(Connected connection);
  // Asks every server for the credential's connections, or, where it is empty, for all, and closes
  // those that may not stay. `all_until`: none may that began until then.
  void sweep(std::string credential, auth::Instant all_until, Clock::time_point due);

  // A server that was heard of, and one that said that it goes.
  void met(const std::string& server_id, const std::string& name);
  void leave(std::string_view server_id);

  void take(const SystemLink::Heard& answer);
  // Asks what is due, if it was asked before or not. Throws what `ask` throws.
  void send_due();
  // No answer to what was asked before comes any more: it is due again.
  void start_over();

  Clock::time_point next_due() const;  // or time_point::max()
  // Whether anything is to be done now; what is only to be looked at again later is not.
  bool open() const;

 private:
  struct Kick {
    Connected connection;
  };
  // What one server, or each where `server_id` is empty, says of its connections.
  struct Sweep {
    std::string credential{};
    auth::Instant all_until{};
    std::string server_id{};
    std::uint64_t offset = 0;
    std::set<std::uint64_t> seen{};
    std::vector<Connected> to_close{};  // kept to the last page, as closing shifts the next one
  };
  struct Asked {
    std::variant<Kick, Sweep> what;
    Clock::time_point due{};  // of the next try
    int tries = 0;
    bool sent = false;
    std::set<std::string> answered{};  // of a sweep over all servers: those that did
  };

  void put(std::variant<Kick, Sweep> what, Clock::time_point due);
  void set_due(std::uint64_t number, Asked& asked, Clock::time_point due);
  void forget(std::uint64_t number);
  void take_kick(std::uint64_t number, const Kick& kick, std::string_view answer);
  void take_page(std::uint64_t number, Asked& asked, std::string_view answer);
  void send(std::uint64_t number, Asked& asked);
  void send_again(std::uint64_t number, Asked& asked);
  void kick_again(std::uint64_t number, Asked& asked, const Kick& kick);
  void sweep_again(std::uint64_t number, Asked& asked, const Sweep& sweep);

  Uses uses_;
  std::map<std::string, std::string, std::less<>> servers_;  // by id, their names
  std::map<std::uint64_t, Asked> asked_;
  std::set<std::pair<Clock::time_point, std::uint64_t>> due_;  // of all that is asked
  std::uint64_t next_number_ = 0;
};

}  // namespace gateway
