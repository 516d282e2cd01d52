#pragma once
// Finds a credential's sessions on every server of the cluster. A state machine without I/O.
//
// A server's answer does not say which others there are, so all are asked at once, and the search
// for servers ends when no new one has answered for a second. A server that takes longer than that
// is missed, and nothing shows it. A server that has answered once is read to its end: it is asked
// for each page, again after two seconds, and two seconds later what it has told is marked as
// incomplete. So is everything that is not read in the end.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/sessions/connz.h"
#include "gateway/sessions/connz_pager.h"
#include "gateway/sessions/question.h"

namespace gateway {

struct ServerSessions {
  std::string server_name;
  std::vector<ConnzEntry> sessions;  // those that were let in, by cid
  bool complete = false;
  bool names_leafnodes = false;  // false: it may have some that it does not tell of
};

// Not thread-safe.
class SessionSearch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds kMaxDuration{10};

  SessionSearch(std::string credential, TimePoint now,
                std::chrono::milliseconds max_duration = kMaxDuration);

  // Asks what is due, for the first time or again.
  [[nodiscard]] std::vector<Question> step(TimePoint now);
  // A reply to the question with this number. Anything else is dropped.
  void on_reply(std::uint64_t number, std::string_view data, TimePoint now);
  // Whether step() has nothing to ask any more, and no reply is awaited.
  bool done() const;
  // When step() is to be called again, if no reply comes.
  TimePoint next_due() const;

  // By the servers' names. Empty: none has answered.
  std::vector<ServerSessions> found() const;

 private:
  enum class State : std::uint8_t { reading, complete, incomplete };
  struct Server {
    std::string name{};
    bool names_leafnodes = false;
    State state = State::reading;
    ConnzPager pager{};
    std::map<std::uint64_t, ConnzEntry> sessions{};  // by cid, as pages overlap
    std::uint64_t number = 0;                        // of the question for the page
    int tries = 0;
    TimePoint due{};  // of the next try
  };

  void search_servers(TimePoint now, std::vector<Question>& asked);
  void read_on(const std::string& id, Server& server, TimePoint now, std::vector<Question>& asked);
  void take_page(Server& server, Connz page, TimePoint now);

  std::string credential_;
  TimePoint end_;
  bool searching_ = true;
  int searches_ = 0;
  TimePoint search_due_;  // of the next try; once a server has answered: when the search ends
  std::uint64_t next_number_ = 1;
  std::map<std::string, Server, std::less<>> servers_;  // by id
};

}  // namespace gateway
