#pragma once
// Servers that were given up, as no answer came. Nobody can tell one that hangs from one that died
// without a word, unless it shows: its link was closed from its side, or a server of its name began
// anew. What a closing has to do on a server that may still run is kept until it answers, and the
// closing is not done so long: else whoever revoked the credential would be told that no session is
// open.

#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "gateway/sessions/closing.h"

namespace gateway {

// Not thread-safe.
class UnreachableServers {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Has no answer since `since`. `waiting`: what it would have to do.
  void give_up(const std::string& server_id, const std::string& name, TimePoint since,
               ClosingParts waiting, TimePoint now);
  // The same of one that died: nothing waits for it, but it is looked for as well.
  void give_up_dead(const std::string& server_id, const ClosingParts& waiting, TimePoint now);
  // The closing has to wait for each of them.
  void add(const std::string& credential, const ClosingPart& closing, TimePoint now);
  // It was heard of, or it has shut down. Gives what waits for it.
  ClosingParts take(const std::string& server_id);
  // A server that was not known is there. An older one of its name is not any more: in a cluster
  // a name is one server's.
  void observe_new(const std::string& name);

  // One of them may be there again.
  void look_now(TimePoint now);

  // When due() is to be called, or TimePoint::max().
  TimePoint next_due() const { return next_; }
  // Whether they are to be looked for now. Forgets those that were looked for long enough, and what
  // nobody asks about any more.
  bool due(TimePoint now);

 private:
  struct Waiting {
    ClosingPart closing;
    TimePoint added;
  };
  struct Server {
    std::string name{};
    TimePoint since{};
    TimePoint until{};  // is looked for
    bool dead = false;
    std::multimap<std::string, Waiting> waiting{};  // by credential
  };
  static void wait(const std::string& server_id, Server& server, const std::string& credential,
                   const ClosingPart& closing, TimePoint now);
  void look_soon(TimePoint now);

  std::map<std::string, Server, std::less<>> servers_;  // by id
  TimePoint next_ = TimePoint::max();
};

}  // namespace gateway
