#pragma once
// Whose last request the gateway was too late for. nats-server then refuses the client itself, and
// clients close for good after two refusals in a row: so the next request goes first among those of
// its source. It takes no turn from another source, so whoever causes it gains nothing.
//
// In memory, for kKeptFor, of bounded size, and of this daemon alone.

#include <array>
#include <atomic>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "auth/base/ip_range.h"
#include "auth/nats/auth_request.h"
#include "auth/nats/peek_request.h"
#include "gateway/platform/locked.h"

namespace gateway {

// Who asks, as far as one attempt can be recognized in the next.
struct LoginKey {
  auth::Address network{};  // of an IPv6 address the /64; zeros where the server names none
  std::uint64_t login = 0;  // a keyed hash of the host and of what the client presents
  auto operator<=>(const LoginKey&) const = default;
};

// Thread-safe.
class MissedLogins {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMaxEntries = 8192;
  static constexpr std::chrono::seconds kKeptFor{30};

  MissedLogins();

  // Of one request both give the same.
  LoginKey key(const auth::PeekedRequest& request) const;
  LoginKey key(const auth::Request& request) const { return key(request.peeked); }

  // It got no answer in time. Where there is no place, the one that was added the longest ago goes,
  // of the network that has the most.
  void add(const LoginKey& key, Clock::time_point now = Clock::now());
  // It got one. It stays until its time is over, behind those who still wait for theirs: one login
  // may have many connections.
  void answered(const LoginKey& key, Clock::time_point now = Clock::now());
  // Since when it has waited for an answer; absent: it did not miss one lately.
  std::optional<Clock::time_point> since(const LoginKey& key,
                                         Clock::time_point now = Clock::now()) const;
  // Whether there is none, which is the rule: then nobody needs to make a key.
  bool empty() const { return size_ == 0; }

 private:
  struct Entry {
    Clock::time_point since;
    Clock::time_point until;
  };
  using Entries = std::map<LoginKey, Entry>;
  struct State {
    Entries entries;
    std::set<std::pair<Clock::time_point, LoginKey>> by_until;
    // Of each network its logins, by `until`.
    std::map<auth::Address, std::set<std::pair<Clock::time_point, std::uint64_t>>> networks;
    std::set<std::pair<std::size_t, auth::Address>> by_size;

    // Every change of an entry's `until` stands between these two.
    void leave_order(const Entries::value_type& entry);
    void enter_order(const Entries::value_type& entry);
    void erase(Entries::iterator entry);
    void erase_expired(Clock::time_point now);
  };

  std::array<std::uint8_t, 16> hash_key_;
  Locked<State> state_;
  std::atomic<std::size_t> size_ = 0;
};

}  // namespace gateway
