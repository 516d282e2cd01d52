#pragma once
// Whether clients can be let in, as the gateway's own probes show it.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "auth/deny.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/locked.h"

namespace gateway {

// Ready: a probe came through nats-server, and a worker of this daemon granted one, both within
// kGood. (nats-server chooses which of several daemons it asks.) Not ready, whatever came through
// before: nats-server refuses the probes that this daemon lets into most accounts, or requests are
// dropped because clocks differ. What it refuses of other grants may be a matter of one credential,
// and one account of several keeps nobody else out. Thread-safe.
class Readiness {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kGood{30};
  // Clocks differ where requests were dropped for that for a second, the last one within kOff.
  // (Of a server that was stopped for a while, requests come late at once.)
  static constexpr std::chrono::seconds kOff{10};
  // So many in a row of an account: one may be refused for a connection that is lost meanwhile.
  static constexpr int kRefused = 2;
  static constexpr std::chrono::seconds kProbeInterval{5};

  struct Is {
    bool ready = false;
    std::string why_not;
  };
  Is get(Clock::time_point now = Clock::now()) const;
  // The accounts whose probes nats-server refuses, with its reason and what to do.
  std::map<std::string, std::string> refused() const;
  // Others may be probed from now on.
  void forget_accounts() { last_.lock()->accounts.clear(); }
  // How soon to probe again: sooner while only other daemons are asked, so that each is asked often
  // enough to be known as good, and where one more probe tells whether there is a fault.
  std::chrono::seconds pause(Clock::time_point now = Clock::now()) const;
  // How many probes came through, and how many did not.
  std::uint64_t good() const { return good_; }
  std::uint64_t bad() const { return bad_; }

  // `account`: that this daemon has let it into; empty: another daemon has granted it.
  void came_through(const std::string& account, Clock::time_point now = Clock::now());
  void failed(const std::string& error);
  // A worker of this daemon has judged a probe; absent: it was granted.
  void judged(std::optional<auth::Deny> denial, Clock::time_point now = Clock::now());
  // nats-server has refused a probe that this daemon let into this account. `text`: its words.
  void refused_by_server(const std::string& account, auth::ServerRefusal why,
                         const std::string& text);
  // A request was dropped without an answer.
  void dropped(auth::Drop why, Clock::time_point now = Clock::now());

 private:
  struct Account {
    int refused = 0;  // probes in a row
    std::string refusal;
  };
  struct Last {
    Clock::time_point came_through{};
    Clock::time_point granted{};
    std::string error;
    std::string denial;
    std::map<std::string, Account> accounts;  // that were probed
    // Of those that were dropped for `clock`, no two of which are kOff apart, the first and last.
    std::optional<auth::Drop> clock;
    Clock::time_point first_off{};
    Clock::time_point last_off{};
  };
  Count good_ = 0;
  Count bad_ = 0;
  Locked<Last> last_;
};

}  // namespace gateway
