#pragma once
// Logins that wait for a password's hash, and whose turn is next.
//
// Sources take turns, and so do the logins of a source: one login that comes by sixty connections
// at a time has one turn for each that another has. A turn stays behind those who have not had one
// since, so whoever comes back at once gains nothing. The order of those who wait at one login is
// theirs.
//
// In turn, each would be answered when its server is about to give up once more come than can be
// hashed. So when the oldest has waited for a third of its server's timeout, or of kClientPatience,
// every second turn goes to the newest source, and login, that has had none, and a login's newest
// goes first. Every other turn stays in order, so that those who are always the newest do not have
// all turns.
//
// Of one source, those logins go first that missed an answer lately (missed_logins.h), the one that
// has waited longest for it first.
//
// Where all places are taken, one that has the most goes: of the source with the most, of its login
// with the most, the oldest, and those who go first go last. So where each source has one, as in a
// flood from more sources than there are places, whoever waits is displaced by those who come after
// it, and gets in if a turn comes while it is the oldest: nobody waits long enough there for turns
// to go to the newest.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>

#include "auth/base/ip_range.h"
#include "gateway/callout/request_task.h"

namespace gateway {

// nats-server sends a PING about two seconds into a login, which nats.c takes for an error: an
// answer after this is a failure for such a client, whatever it says.
inline constexpr std::chrono::milliseconds kClientPatience{1800};

// Not thread-safe. Every call looks at each that waits.
class WaitingLogins {
 public:
  using Clock = std::chrono::steady_clock;

  // `max`: places, at least one.
  explicit WaitingLogins(std::size_t max) : max_(max) {}

  // Gives back the task for which there is no place any more.
  std::optional<RequestTask> push(RequestTask task);
  // The one whose turn it is. One of them must wait.
  RequestTask pop();

  std::size_t size() const { return size_; }
  // When the oldest arrived. One of them must wait.
  Clock::time_point oldest() const;
  void clear();

 private:
  struct Turn {
    std::uint64_t at = 0;  // of its last one, or of its arrival
    bool had = false;      // since it waits
  };
  struct Login {
    std::string name;
    Turn turn;
    std::optional<Clock::time_point> missed{};
    std::deque<RequestTask> tasks{};  // never empty, the oldest first
    std::size_t size() const { return tasks.size(); }
    const RequestTask& oldest() const { return tasks.front(); }
  };
  struct Source {
    auth::Address network{};
    Turn turn;
    std::list<Login> logins{};  // never empty, in the order of their arrival
    std::size_t size() const;
    const RequestTask& oldest() const;
  };
  struct Place {
    std::list<Source>::iterator source;
    std::list<Login>::iterator login;
  };

  RequestTask take(const Place& place, bool newest);

  const std::size_t max_;
  std::size_t size_ = 0;
  std::uint64_t turns_ = 0;
  bool in_order_ = true;       // the last turn was
  std::list<Source> sources_;  // in the order of their arrival
};

}  // namespace gateway
