#pragma once
// Closes live connections, on every server of the cluster, over a connection to the system account.
// What is to be closed is kept until its server has done it, or has no such connection, or is gone.
// Source: nats-server `events.go`: KICK, CONNZ and the account's DISCONNECT events.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include "gateway/ear.h"
#include "gateway/live.h"
#include "gateway/log.h"
#include "gateway/nats.h"
#include "gateway/responder.h"

namespace gateway {

class Closer {
 public:
  using Clock = std::chrono::steady_clock;
  // Whether a credential may still have connections; absent for one that is not of this store:
  // another gateway's, in a cluster of clusters.
  using StillGood = std::function<std::optional<bool>(const std::string& id)>;

  // All must outlive this. Connects, and connects again, in a thread of its own. Each time it looks
  // at every live connection in the cluster, and closes those whose credential is not `still_good`:
  // it was changed while nobody looked.
  Closer(const NatsConfig& config, const NatsLogin& login, Counters& counters, Live& live,
         StillGood still_good);
  ~Closer();
  Closer(const Closer&) = delete;
  Closer& operator=(const Closer&) = delete;

  // These return at once, and are thread-safe.
  void close(Connected connection);
  // First those that are remembered, then those that the servers know, and those again once every
  // request that was under way has been answered.
  void close_all(const std::string& credential);

  // Waits, for two seconds at most, until nothing is left to close.
  void drain();

 private:
  struct Kick {
    Connected connection;
  };
  // What one server, or each where `server_id` is empty, says of its connections.
  struct Sweep {
    std::string credential;  // empty: of all
    std::string server_id;
    std::uint64_t offset = 0;
  };
  struct Asked {
    std::variant<Kick, Sweep> what;
    int tries = 0;
    Clock::time_point due;           // of the next try
    std::set<std::string> answered;  // of a sweep over all: the servers that did
    bool sent = false;
  };
  struct Heard {
    std::string subject;
    std::string data;
    bool no_responders = false;
  };

  void run(const std::stop_token& stop);
  bool connect_again();
  void hear(const natsMsg& message);
  void handle(const Heard& heard);
  void handle_event(const Heard& heard);
  void answer_kick(std::uint64_t number, Asked& asked, const Heard& heard);
  void answer_sweep(std::uint64_t number, Asked& asked, const Heard& heard);
  void ask_again(std::uint64_t number, Asked& asked);
  void send(std::uint64_t number, Asked& asked);
  void log_kick(Level level, std::string_view event, const Connected& connection,
                std::string_view error) const;

  NatsConfig config_;
  const NatsLogin& login_;
  Counters& counters_;
  Live& live_;
  StillGood still_good_;
  std::string inbox_;
  std::string error_;  // of the last attempt to connect, so that each is said once
  Connection connection_;
  std::vector<std::unique_ptr<Ear>> ears_;
  std::map<std::string, std::string, std::less<>> servers_;  // by id, their names
  std::map<std::uint64_t, Asked> asked_;                     // of the thread alone
  std::uint64_t next_number_ = 0;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Asked> waiting_;
  std::deque<Heard> heard_;
  bool busy_ = false;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace gateway
