#pragma once
// Hears why nats-server refuses logins by itself: what this daemon granted, and what nobody
// answered in time. On a connection and a thread of its own, as strangers cause events as fast as
// they can connect.

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "gateway/callout/readiness.h"
#include "gateway/callout/recent_grants.h"
#include "gateway/config/current_config.h"
#include "gateway/config/keys.h"
#include "gateway/nats/auth_error.h"
#include "gateway/nats/client.h"
#include "gateway/nats/link_table.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/pause.h"

namespace gateway {

// Whom what is heard is told. Borrows its members.
struct AuthErrorNotes {
  RecentGrants& grants;
  Readiness& readiness;
  Counters& counters;
};

// Counts and logs a refusal of a grant of this daemon, or for the lack of an answer; drops what
// other daemons granted.
void note_auth_error(const AuthError& error, const AuthErrorNotes& notes);

// Notes events, and reads no more of them than strangers cannot cause. Not thread-safe.
class AuthErrorReader {
 public:
  using Clock = std::chrono::steady_clock;
  // Of those that nobody answered, one in this time is read, for a line in the log. The others are
  // counted.
  static constexpr std::chrono::milliseconds kUnansweredInterval{200};

  explicit AuthErrorReader(const AuthErrorNotes& notes) : notes_(notes) {}

  void hear(std::string_view event, Clock::time_point now = Clock::now());

 private:
  const AuthErrorNotes notes_;
  Clock::time_point next_unanswered_{};
};

class AuthErrorListener {
 public:
  // Borrows its arguments. Connects, and connects again, in a thread of its own. Where nats-server
  // does not permit the subscription, that is logged and nothing is heard.
  AuthErrorListener(const CurrentConfig& config, const Keys& keys, LameDuckSignal& lame_ducks,
                    const LinkTable& links, const AuthErrorNotes& notes);

  // Begins to end, which the destructor waits for.
  void stop() { thread_.request_stop(); }

 private:
  void run(const std::stop_token& stop);
  void listen(const std::stop_token& stop);
  void check_permitted(const Connection& connection);

  const CurrentConfig& config_;
  const Keys& keys_;
  LameDuckSignal& lame_ducks_;
  const LinkTable& links_;
  AuthErrorReader reader_;
  std::string last_;   // the server that it was connected to
  bool told_ = false;  // that it is not permitted
  Pause pause_;
  std::jthread thread_;
};

}  // namespace gateway
