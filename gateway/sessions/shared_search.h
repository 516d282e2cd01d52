#pragma once
// One search for the sessions of several credentials at a time. Who asks while a search runs waits
// for the next one, together with all others who do: a thousand askers cost the servers as much as
// one.

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gateway/platform/locked.h"
#include "gateway/sessions/session_query.h"

namespace gateway {

// Thread-safe.
class SharedSearch {
 public:
  using Found = SessionsByCredential;
  // Called by one of the waiting threads, never twice at once.
  using Search = std::function<Found(const std::set<std::string>& credentials)>;

  explicit SharedSearch(Search search) : search_(std::move(search)) {}

  // Waits for the search that runs now, if any, then for one that looks for this credential. Throws
  // what the search throws.
  std::vector<ServerSessions> find(const std::string& credential);

 private:
  struct Round {
    std::set<std::string> credentials;
    bool done = false;
    Found found{};
    std::exception_ptr error{};
  };
  struct State {
    std::shared_ptr<Round> next;  // which has not begun
    bool running = false;
  };

  const Search search_;
  std::condition_variable_any changed_;
  Locked<State> state_;
};

}  // namespace gateway
