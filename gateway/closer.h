#pragma once
// Closes live connections, on every server of the cluster, over the system account. What is to be
// closed is kept until its server has done it, or has no such connection, or is gone.
// Source: nats-server `events.go`: KICK, CONNZ and the accounts' events.

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
#include <variant>
#include <vector>

#include "auth/decide.h"
#include "gateway/connz.h"
#include "gateway/live.h"
#include "gateway/log.h"
#include "gateway/nats.h"
#include "gateway/responder.h"
#include "gateway/system_link.h"

namespace gateway {

class Closer {
 public:
  using Clock = std::chrono::steady_clock;
  // Absent for a credential that is not of this store: another gateway's, in a cluster of clusters.
  using Ask = std::function<std::optional<auth::Standing>(const std::string& id)>;

  // All must outlive this. Connects, and connects again, in a thread of its own. Each time it
  // reviews every live connection in the cluster: something was changed while nobody looked.
  Closer(const NatsConfig& config, const NatsLogin& login, Counters& counters, Live& live, Ask ask);
  ~Closer();
  Closer(const Closer&) = delete;
  Closer& operator=(const Closer&) = delete;

  // These return at once, and are thread-safe.
  // As Live::admit; what is refused so is counted again, on the servers.
  bool admit(const Connected& connection, std::uint32_t most);
  void close(Connected connection);
  // Every connection that the credential has now: those that are remembered, those that the servers
  // know, and those that are just being made, once their requests were answered.
  void close_all(const std::string& credential);
  // Those that its record does not allow any more; again whenever that changes by itself, as
  // `expires_at` does.
  void review(const std::string& credential);

  // Waits, for two seconds at most, until nothing is left to close.
  void drain();

 private:
  struct Kick {
    Connected connection;
  };
  // What one server, or each where `server_id` is empty, says of its connections.
  struct Sweep {
    std::string credential{};   // empty: of all
    auth::Instant all_until{};  // those that began until then are closed, the others reviewed
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
    std::set<std::string> answered{};  // of a sweep over all: the servers that did
  };

  void run(const std::stop_token& stop);
  // From the thread itself:
  void put(Asked asked);
  void set_due(std::uint64_t number, Asked& asked, Clock::time_point due);
  void forget(std::uint64_t number);
  bool is_open() const;
  void hand_in(std::variant<Kick, Sweep> what, Clock::time_point due);  // with the lock held
  Clock::time_point next_due() const;
  auth::Instant settled() const;
  void close_too_many(const std::string& credential);
  void ask_what_is_due();
  void review_what_is_due();
  void handle(const SystemLink::Heard& heard);
  void handle_event(const SystemLink::Heard& heard);
  void answer_kick(std::uint64_t number, Asked& asked, const SystemLink::Heard& heard);
  void answer_sweep(std::uint64_t number, Asked& asked, const SystemLink::Heard& heard);
  bool may_stay(const Connected& connection, auth::Instant all_until);
  void ask_again(std::uint64_t number, Asked& asked);
  void send(std::uint64_t number, Asked& asked);
  void log_kick(Level level, std::string_view event, const Connected& connection,
                std::string_view error) const;

  Counters& counters_;
  Live& live_;
  Ask ask_;
  // Of the thread alone:
  std::map<std::string, std::string, std::less<>> servers_;  // by id, their names
  std::map<std::uint64_t, Asked> asked_;
  std::set<std::pair<Clock::time_point, std::uint64_t>> due_;  // of all that is asked
  std::uint64_t next_number_ = 0;
  std::map<std::string, auth::Time, std::less<>> reviews_;  // by credential, when

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Asked> waiting_;
  std::deque<std::string> to_review_;
  std::map<std::string, Clock::time_point, std::less<>> counted_;  // by credential, when last
  std::deque<SystemLink::Heard> heard_;
  bool busy_ = false;
  bool draining_ = false;
  SystemLink link_;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace gateway
