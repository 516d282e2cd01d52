#pragma once
// Guessing, held back before it costs a hash. What counts is what a person chose and a stranger can
// guess: passwords, and tokens that credgate did not make. Secrets that it makes have 240 bits, and
// what signs can't be guessed: those are never counted or refused here.
//
// Each failed proof is charged to its source and to its login from there, and forgotten by itself:
// a limit of N within a window lets N fail at once, and then one each window / N. Beyond that an
// attempt is refused without being judged, and is not charged. Logins of one source that were
// proved before are not refused for what others there do: behind one address there may be many
// clients.
//
// In memory, of bounded size, and of this daemon alone.

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "auth/cidr.h"

namespace gateway {

struct ThrottleLimits {
  std::uint32_t login = 10;    // failures of one login from one source; 0: any number
  std::uint32_t source = 100;  // failures of one source; 0: any number
  std::chrono::seconds window = std::chrono::minutes{10};
  bool operator==(const ThrottleLimits&) const = default;
};

struct ThrottleConfig {
  ThrottleLimits limits;
  // Load balancers and proxies: everybody comes from there, so nobody is refused for it.
  std::vector<auth::Cidr> exempt;
};

// Who guesses what. A token's login is its keyed hash.
struct Guess {
  auth::Address source{};  // zeros where the server names none
  bool token = false;
  std::string login;
  auto operator<=>(const Guess&) const = default;
};

// Thread-safe.
class Throttle {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Standing : std::uint8_t { stranger, known, refused };

  // Of whom failures are remembered.
  struct Failures {
    std::string source;                // "192.0.2.1", "2001:db8::/64"
    std::optional<std::string> login;  // absent: of the whole source; empty: a token
    std::uint64_t count = 0;           // that are not forgotten yet
    std::uint64_t refused = 0;         // attempts, since they began
    Clock::duration wait{};            // until the next one is judged; zero: it is
  };

  explicit Throttle(ThrottleConfig config) : config_(std::move(config)) {}

  // With other limits all failures are forgotten.
  void set(ThrottleConfig config);

  // Of an attempt that is about to be judged. `known`: its login was proved from its source before.
  Standing standing(const Guess& guess, Clock::time_point now = Clock::now());
  // Of one that was judged.
  void failed(const Guess& guess, Clock::time_point now = Clock::now());
  void proved(const Guess& guess, Clock::time_point now = Clock::now());

  // Those that are refused now first, then by their failures.
  std::vector<Failures> list(Clock::time_point now = Clock::now()) const;
  struct Refused {
    std::size_t sources = 0;
    std::size_t logins = 0;
  };
  Refused refused(Clock::time_point now = Clock::now()) const;
  // Forgets the failures from `sources`, or all, and tells how many sources and logins had some.
  std::size_t clear(const std::optional<auth::Cidr>& sources);

  static constexpr std::size_t kMost = 10'000;  // of each table

 private:
  struct Entry {
    Clock::time_point at;  // failures: when the last is forgotten; known: when it was proved
    std::uint64_t refused = 0;
  };
  // Where it is full, the entry whose time is the earliest goes.
  class Table {
   public:
    Entry* find(const Guess& key);
    void set(const Guess& key, Clock::time_point at);
    void forget(Clock::time_point until);  // those whose time has come
    std::size_t erase_inside(const std::optional<auth::Cidr>& sources);
    const std::map<Guess, Entry>& all() const { return entries_; }

   private:
    void erase(std::map<Guess, Entry>::iterator entry);
    void erase_first();
    std::map<Guess, Entry> entries_;
    std::set<std::pair<Clock::time_point, const Guess*>> by_time_;
  };

  // All under the lock:
  bool exempt(const auth::Address& source) const;
  Guess key_of(const Guess& guess) const;
  Clock::duration wait(const Entry& entry, std::uint32_t limit, Clock::time_point now) const;
  // Null where nothing is held against it.
  Entry* against(Table& table, const Guess& key, std::uint32_t limit, Clock::time_point now) const;
  void charge(Table& table, const Guess& key, std::uint32_t limit, Clock::time_point now) const;
  Failures failures(const Guess& key, const Entry& entry, bool of_login,
                    Clock::time_point now) const;

  mutable std::mutex mutex_;
  ThrottleConfig config_;
  Table sources_;  // keyed without a login
  Table logins_;
  Table known_;
};

}  // namespace gateway
