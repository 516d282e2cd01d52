#pragma once
// One link to each server of a cluster: those of the configuration, and those that the servers
// themselves tell of. Each link has a keeper, a thread that connects it, asks every second whether
// its server still answers, drops it where not, and connects it again. So a server that hangs, or
// that cannot be reached, holds up no other.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "gateway/nats/client.h"
#include "gateway/nats/link_table.h"
#include "gateway/platform/locked.h"
#include "gateway/platform/pause.h"

namespace gateway {

// The connection to one server, and what is done over it. Its keeper calls it; a member that others
// call as well says so.
class ServerLink {
 public:
  ServerLink() = default;
  ServerLink(const ServerLink&) = delete;
  ServerLink& operator=(const ServerLink&) = delete;
  virtual ~ServerLink() = default;

  virtual std::string server_id() const = 0;
  // Begins its work, or goes on with it. Called again and again. `several`: its server is not the
  // only one of the cluster. Throws NatsError.
  virtual void serve(bool several) = 0;
  virtual bool alive() const = 0;
  // Whether its server answers within `patience`.
  virtual bool answers(std::chrono::milliseconds patience) const = 0;
  // What its server says of others: "nats://HOST:PORT" each.
  virtual std::vector<std::string> discovered() const = 0;
  // Takes no more. False where the server did not answer. Does not throw.
  virtual bool drain() = 0;
};

// One for each address, none of which is ever removed (LameDuckSignal). Thread-safe.
class LameDuckSignals {
 public:
  LameDuckSignal& of(const std::string& url) { return (*signals_.lock())[url]; }

 private:
  Locked<std::map<std::string, LameDuckSignal>> signals_;
};

// Thread-safe.
class ServerLinks {
 public:
  using Clock = std::chrono::steady_clock;

  struct Timing {
    std::chrono::milliseconds poll{100};
    std::chrono::milliseconds min_delay{50};  // before the next attempt, twice as long each time
    std::chrono::milliseconds max_delay{2000};
    std::chrono::milliseconds ask_every{1000};  // whether a server answers
    std::chrono::milliseconds patience{1000};   // for that answer
  };
  // The events of the log.
  struct Events {
    std::string_view up = "connected";
    std::string_view lost = "disconnected";
    std::string_view failed = "connect_failed";
  };
  struct Deps {
    // Connects, on the keeper's thread, which may take seconds. Throws where it cannot.
    std::function<std::shared_ptr<ServerLink>(const std::string& url, LameDuckSignal&)> dial;
    LameDuckSignals& lame_ducks;              // borrowed
    std::function<void()> on_change = [] {};  // a link came up or went; on the keepers' threads
    Events events{};
    Timing timing{};
  };

  // Begins at once. `table`: that of its servers, for others to read. Borrowed.
  ServerLinks(LinkTable& table, Deps deps);
  // Waits for attempts that are being made, each for seconds where a server hangs.
  ~ServerLinks();
  ServerLinks(const ServerLinks&) = delete;
  ServerLinks& operator=(const ServerLinks&) = delete;

  // No link is made any more, and those that are there take no more: all of them are told at once,
  // and waited for three seconds at most. They stay, so that answers can go out, until this ends.
  void drain();
  // Does not wait.
  void request_stop();
  // Waits until what was sent over links that are drained is with their servers.
  void flush();

 private:
  struct Keeper {
    std::string url;
    Pause pause{};
    Clock::time_point next_question{};
    bool idle = true;  // it has no link, or one that is drained
    bool ended = false;
    std::jthread thread{};  // last: it uses the others
  };
  using Keepers = std::list<Keeper>;

  // Starts a keeper for each address that has none, and removes those that have ended.
  void start_keepers();
  void keep(const std::stop_token& stop, Keeper& keeper);
  // One link, from its attempt to its end. False where it could not be made.
  bool make_link(const std::stop_token& stop, Keeper& keeper);
  // Why the link is lost; empty where it is to be drained. Throws where it does not come to work.
  std::string serve(const std::stop_token& stop, Keeper& keeper, ServerLink& link,
                    const std::function<bool()>& lame_duck);
  // Empty while it is not. Logged.
  std::string why_lost(Keeper& keeper, const ServerLink& link);
  bool hangs(Keeper& keeper, const ServerLink& link);
  void note_failure(const std::string& url, const std::string& error);
  void set_idle(Keeper& keeper, bool idle);

  LinkTable& table_;
  const Deps deps_;
  std::condition_variable_any changed_;
  Locked<bool> stopped_{false};
  Locked<std::vector<std::shared_ptr<ServerLink>>> drained_;
  Locked<Keepers> keepers_;  // last: their threads use the others
};

}  // namespace gateway
