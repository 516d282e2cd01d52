#pragma once
// Requests that wait for a worker, and whose turn is next.
//
// While few wait they have their turns in order, and nobody looks into them. When more do they are
// sorted, and sources take turns (of IPv6, each /64), so one that floods has no more turns than
// another. A request that is larger than Limits::turn costs several: deciding takes a time that
// grows with the size, which a client chooses. What names no source is a source of its own.
//
// Sorting takes a look into each, which costs the same for any size (auth/nats/peek_request.h). It
// is left to the workers: whoever reads requests is done with each at once, and so sees when it
// came. Until then sizes take turns, and where more come than are sorted, the oldest loses its
// place of the size that takes most: who floods with large ones does not displace small ones.
//
// In order, each would be decided when its server is about to give up once more come than can be
// decided. So when one has waited for a third of what is of use, every second turn goes to the
// newest source that has had none, and a source's newest goes first. Every other turn stays in
// order, so that those who are always the newest do not have all turns.
//
// Of one source, those go first whom the gateway was too late for lately (missed_logins.h). Such
// logins take turns, the one that has waited longest for an answer first.
//
// Where all places are taken, the oldest goes of the source whose requests cost the most turns, and
// those who go first go last. Of sources that have as many, the one goes that has waited longest.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "gateway/callout/missed_logins.h"
#include "gateway/callout/request_path.h"
#include "gateway/nats/client.h"

namespace gateway {

struct WaitingRequest {
  using Clock = std::chrono::steady_clock;

  Message message;
  std::shared_ptr<const RequestPath> path{};
  Clock::time_point arrived;
  std::size_t bytes = 0;                 // that it takes
  std::chrono::milliseconds patience{};  // how long after its arrival a decision is of use
  std::optional<LoginKey> who{};         // absent while nobody has looked into it
  std::uint64_t number = 0;  // in the order of arrival, by which WaitingRequests knows it

  Clock::time_point deadline() const { return arrived + patience; }
};

// Not thread-safe. A call takes a time that grows with the logarithm of how many wait.
class WaitingRequests {
 public:
  using Clock = WaitingRequest::Clock;

  // In bytes, as the requests say.
  struct Limits {
    std::size_t few;       // up to here they are not sorted
    std::size_t unsorted;  // places of those that are still to be
    std::size_t sorted;
    // Of a request that costs one turn. One of 60 KiB takes eight times as long as a usual one.
    std::size_t turn = std::size_t{8} << 10;
  };
  // What a look into a request finds.
  struct Peeked {
    LoginKey who;
    std::chrono::milliseconds patience;
    std::optional<Clock::time_point> missed;  // as MissedLogins::since says
  };

  explicit WaitingRequests(Limits limits) : limits_(limits) {}

  void push(WaitingRequest request);
  // Some of those that nobody has looked into, if more than a few wait. Whoever takes them looks
  // into each, and gives it to sort().
  std::vector<WaitingRequest> take_unsorted();
  void sort(WaitingRequest request, const Peeked& peeked);
  // One for which there is no place, or whose deadline is over; absent where there is none.
  std::optional<WaitingRequest> take_displaced();
  std::optional<WaitingRequest> take_expired(Clock::time_point now);
  // The one whose turn it is; absent where none waits.
  std::optional<WaitingRequest> pop(Clock::time_point now);

  std::size_t size() const { return unsorted_size_ + sorted_.size(); }
  // When one of the oldest arrived. One must wait.
  Clock::time_point oldest() const;
  void clear();

 private:
  using Arrival = std::uint64_t;  // the number of a request
  struct Login {
    Clock::time_point since;
    std::set<Arrival> requests;
  };
  struct Source {
    std::uint64_t turn = 0;  // of its last one, or of its arrival
    bool had_turn = false;   // since it waits
    std::size_t cost = 0;    // of its requests, in turns
    std::size_t owed = 0;    // turns that it has had in advance; it stays here until they are over
    std::set<Arrival> requests;  // but for those who go first:
    std::map<std::uint64_t, Login> missed;
    std::set<std::pair<Clock::time_point, std::uint64_t>> missed_in_turn;

    void add(Arrival arrival, const Peeked& peeked);
    void erase(Arrival arrival, std::uint64_t login);
    Arrival next(bool newest, Clock::time_point now);
    Arrival least() const;  // the one that goes where all places are taken
  };
  using Sources = std::map<auth::Address, Source>;
  struct Sorted {
    WaitingRequest request;
    Sources::iterator source;
  };
  // Requests of one size, up to a factor of two.
  struct Unsorted {
    std::deque<WaitingRequest> requests;
    std::size_t bytes = 0;
  };
  static constexpr std::size_t kSizes = 10;

  std::size_t cost(const WaitingRequest& request) const;  // in turns
  WaitingRequest take(Arrival arrival);
  void forget_sources();
  WaitingRequest take_first(Unsorted& of_size);
  Unsorted& with_oldest();  // of the unsorted, one of which must wait
  Sources::iterator next_in_turn();
  // Every change of a source's turn or size stands between these two.
  void leave_order(Sources::iterator source);
  void enter_order(Sources::iterator source);
  const WaitingRequest& next_to_expire() const;  // of the sorted

  const Limits limits_;
  std::array<Unsorted, kSizes> unsorted_;
  std::size_t unsorted_bytes_ = 0;
  std::size_t unsorted_size_ = 0;
  std::size_t sized_ = 0;  // the size whose turn to be sorted was the last
  std::map<Arrival, Sorted> sorted_;
  std::size_t sorted_bytes_ = 0;
  Arrival arrivals_ = 0;
  std::set<std::pair<Clock::time_point, Arrival>> by_deadline_;
  Sources sources_;
  std::uint64_t turns_ = 0;
  bool turn_in_order_ = true;  // the last turn was
  // Of the sources:
  using Order = std::set<std::pair<std::uint64_t, auth::Address>>;
  Order in_turn_;
  Order without_turn_;  // those that have had none
  // By what they cost, then by how long they have waited.
  std::set<std::tuple<std::size_t, std::uint64_t, auth::Address>> by_cost_;
};

}  // namespace gateway
