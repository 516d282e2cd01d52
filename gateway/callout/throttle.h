#pragma once
// Guessing, held back before it costs a hash. What counts is what a stranger can guess: passwords,
// and tokens that credgate did not make. The other secrets that it makes have 240 bits, and what
// signs can't be guessed: those are never counted or refused here.
//
// Each failed proof is charged to its login at its source, and to the source, and is forgotten by
// itself: a limit of N within a window lets N fail at once, and then one each window / N. Beyond
// that an attempt is refused without being judged, and is not charged.
//
// Behind one address there may be many clients. So a login that was let in from a source before is
// neither refused nor charged for the source, unless logins have no limit of their own; and half of
// what a source may fail is kept for logins that have not failed: some clients with old passwords,
// who try for ever, do not keep newcomers out.
//
// In memory, of bounded size, and of this daemon alone. After a restart the store says where each
// credential was let in last.

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "auth/base/ip_range.h"
#include "gateway/config/config.h"
#include "store/usage.h"

namespace gateway {

// Who guesses what. A token's login is its keyed hash.
struct Guess {
  auth::Address source{};  // zeros where the server names none
  bool token = false;
  std::string login;
  auto operator<=>(const Guess&) const = default;
};

// The same with the network of its source: of an IPv6 address the /64, of which whoever has one has
// all.
Guess within_network(const Guess& guess);

// Thread-safe.
class Throttle {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Verdict : std::uint8_t { allowed_unknown, allowed_known, throttled };

  // What is remembered of a login at a source, or of a whole source.
  struct Failures {
    std::string source;                // "192.0.2.1", "2001:db8::/64"
    std::optional<std::string> login;  // absent: of the whole source; empty: a token
    std::uint64_t count = 0;           // that are not forgotten yet
    std::uint64_t refused = 0;         // attempts, since they began
    Clock::duration wait{};            // until the next one is judged; zero: it is
  };

  // When and from where this login was let in last, as far as that is on disk. May throw.
  using LastUse = std::function<std::optional<store::Usage>(const Guess&)>;

  explicit Throttle(ThrottleConfig config, LastUse last_use = {})
      : last_use_(std::move(last_use)), config_(std::move(config)) {}

  // Where it is another one, all failures are forgotten.
  void set(ThrottleConfig config);

  // Whether an attempt may be judged. `allowed_known`: its login was let in from its source before.
  // Asks `last_use` for a login that memory does not know there, outside of the lock, unless it is
  // refused for its own failures. Throws what that throws.
  Verdict check(const Guess& guess, Clock::time_point now = Clock::now());
  // Its proof did not fit.
  void failed(const Guess& guess, Clock::time_point now = Clock::now());
  // It is let in.
  void proved(const Guess& guess, Clock::time_point now = Clock::now());

  // Those that are refused now first, then by their failures.
  std::vector<Failures> list(Clock::time_point now = Clock::now()) const;
  struct Refused {
    std::size_t sources = 0;
    std::size_t logins = 0;
  };
  Refused refused(Clock::time_point now = Clock::now()) const;
  // Forgets the failures from `sources`, or all, and tells how many sources and logins had some. An
  // address stands for its network too.
  std::size_t clear(const std::optional<auth::Cidr>& sources, Clock::time_point now = Clock::now());

  static constexpr std::size_t kMaxEntries = 10'000;  // of each table
  static constexpr std::chrono::days kKnownFor{30};

 private:
  struct Entry {
    Clock::time_point until;  // when the last failure is forgotten
    Clock::time_point keep;   // when all of it is: a login that still tries is not a newcomer
    std::uint64_t refused = 0;
    std::uint64_t use = 0;
  };
  using Entries = std::map<Guess, Entry>;
  // Where it is full, the entry that was used longest ago goes.
  class Table {
   public:
    Entry* find(const Guess& key, Clock::time_point now);
    // Makes it where it is not there.
    Entry& use(const Guess& key);
    std::size_t erase_inside(const std::optional<auth::Cidr>& sources, Clock::time_point now);
    const Entries& all() const { return entries_; }

   private:
    void erase(Entries::iterator entry);
    void touch(Entries::iterator entry);
    Entries entries_;
    std::set<std::pair<std::uint64_t, const Guess*>> by_use_;
    std::uint64_t uses_ = 0;
  };

  // How much longer a login counts as let in from there before, by what is on disk; zero: it does
  // not. Without the lock.
  Clock::duration known_on_disk(const Guess& key) const;

  // All under the lock:
  bool exempt(const Guess& guess) const;
  Table& of_logins(const Guess& key) { return key.token ? tokens_ : logins_; }
  // What is held against an attempt; no entry: nothing.
  struct Held {
    Entry* entry = nullptr;
    bool by_login = false;  // else by its source
  };
  Held against(const Guess& key, Clock::time_point now);
  void charge(Table& table, const Guess& key, std::uint32_t limit, Clock::time_point now) const;
  Clock::duration wait(const Entry& entry, std::uint32_t limit, Clock::time_point now) const;

  const LastUse last_use_;
  mutable std::mutex mutex_;
  ThrottleConfig config_;
  Table sources_;  // keyed without a login
  Table logins_;   // of passwords: each entry has cost a hash, and none goes for cheap tokens
  Table tokens_;
  Table known_;
};

}  // namespace gateway
