#pragma once
// Whether clients can be let in, as the gateway's own probes show it.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "auth/deny.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/locked.h"

namespace gateway {

// Ready: a probe came through nats-server, and a worker of this daemon granted one, both within
// kGood. (nats-server chooses which of several daemons it asks.) Thread-safe.
class Readiness {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kGood{30};

  struct Is {
    bool ready = false;
    std::string why_not;
  };
  Is get(Clock::time_point now = Clock::now()) const;
  // How soon to probe again: sooner while only other daemons are asked, so that each is asked often
  // enough to be known as good.
  std::chrono::seconds pause(Clock::time_point now = Clock::now()) const;
  // How many probes came through, and how many did not.
  std::uint64_t good() const { return good_; }
  std::uint64_t bad() const { return bad_; }

  void came_through(Clock::time_point now = Clock::now());
  void failed(const std::string& error);
  // A worker of this daemon has judged a probe; absent: it was granted.
  void judged(std::optional<auth::Deny> denial, Clock::time_point now = Clock::now());

 private:
  struct Last {
    Clock::time_point came_through{};
    Clock::time_point granted{};
    std::string error;
    std::string denial;
  };
  Count good_ = 0;
  Count bad_ = 0;
  Locked<Last> last_;
};

}  // namespace gateway
