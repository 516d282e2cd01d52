#pragma once
// Whether a credential may have one more session.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "gateway/platform/locked.h"
#include "gateway/sessions/session_table.h"
#include "gateway/sessions/settled.h"

namespace gateway {

// Thread-safe. Borrows its arguments.
class Admission {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Admission(SessionTable& sessions, const ServerTimeout& timeout)
      : sessions_(sessions), timeout_(timeout) {}

  // `refused_count`: the servers are to be asked which sessions the credential has. An event that
  // was lost must not keep a session taken for ever.
  enum class Verdict : std::uint8_t { admitted, refused, refused_count };
  // As SessionTable::admit.
  Verdict admit(const Session& session, std::uint32_t max_sessions, const Now& now);

  // Whether servers tell of sessions that come and go. While they don't, no session that was let in
  // is taken for gone.
  void on_connected(TimePoint now);
  void on_disconnected() { listening_from_ = TimePoint::max(); }

 private:
  SessionTable& sessions_;
  const ServerTimeout& timeout_;
  // From when on servers tell what comes and goes, and have told what was there.
  std::atomic<TimePoint> listening_from_ = TimePoint::max();
  Locked<std::map<std::string, TimePoint>> counted_;  // by credential, when last
};

}  // namespace gateway
