#include "gateway/callout/auth_error_listener.h"

#include <chrono>
#include <exception>
#include <string_view>

#include "gateway/nats/nats_c.h"
#include "gateway/nats/other_servers.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kStopInterval = 250ms;  // how soon it notices that it should stop
constexpr auto kReconnectDelay = 1s;
constexpr auto kPingInterval = 1s;
constexpr std::chrono::milliseconds kPingTimeout = 2s;
// Of a flood those that do not fit are dropped.
constexpr int kMaxPending = 1024;
constexpr int kMaxPendingBytes = 4 << 20;

}  // namespace

void note_auth_error(const AuthError& error, const AuthErrorNotes& notes) {
  const auto grant = notes.grants.take(error.server_id, error.cid);
  if (!grant && error.why != auth::ServerRefusal::timeout) return;
  ++notes.counters.server_refused.at(static_cast<std::size_t>(error.why));
  if (grant && !grant->probed.empty()) {
    notes.readiness.refused_by_server(grant->probed, error.why, error.text);
  }
  log_limited(Level::warning, "server_refused",
              {{"reason", std::string(name(error.why))},
               {"error", error.text},
               {"id", grant ? grant->credential : ""},
               {"source", error.source},
               {"server", error.server_name},
               {"server_id", error.server_id},
               {"cid", std::to_string(error.cid)}});
}

void AuthErrorReader::hear(std::string_view event, Clock::time_point now) {
  const auto count = [this](auth::ServerRefusal why) {
    ++notes_.counters.server_refused.at(static_cast<std::size_t>(why));
  };
  const RefusedBy by = refused_by(event);
  if (by == RefusedBy::gateway) return;
  const bool large = event.size() > kMaxAuthErrorBytes;
  if (by == RefusedBy::nobody) {
    if (large || now < next_unanswered_) return count(auth::ServerRefusal::timeout);
    next_unanswered_ = now + kUnansweredInterval;
  }
  if (large) {  // whose grant it was is not known
    count(auth::ServerRefusal::other);
    return log_limited(Level::warning, "server_refused",
                       {{"reason", std::string(name(auth::ServerRefusal::other))},
                        {"error", "its event of " + std::to_string(event.size()) +
                                      " bytes is too long to be read"}});
  }
  if (const auto error = read_auth_error(event)) note_auth_error(*error, notes_);
}

AuthErrorListener::AuthErrorListener(const CurrentConfig& config, const Keys& keys,
                                     LameDuckSignal& lame_ducks, const LinkTable& links,
                                     const AuthErrorNotes& notes)
    : config_(config),
      keys_(keys),
      lame_ducks_(lame_ducks),
      links_(links),
      reader_(notes),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

// The server says so, and the subscription stays silent.
void AuthErrorListener::check_permitted(const Connection& connection) {
  const char* text = nullptr;
  const natsStatus last = natsConnection_GetLastError(connection.get(), &text);
  if (last != NATS_NOT_PERMITTED || told_) return;
  told_ = true;
  log(Level::warning, "server_refusals_unheard",
      {{"error", "credgate's user in the callout account may not subscribe to " +
                     std::string(kAuthErrorSubject) + ": allow it (credgate doctor)"}});
}

void AuthErrorListener::listen(const std::stop_token& stop) {
  const std::shared_ptr<const Config> config = config_.load();
  const Connection connection = connect(for_any(config->nats, links_, last_), keys_.nats,
                                        "credgate refusals", Sending::prompt, lame_ducks_, last_);
  last_ = url_of(connection);
  natsSubscription* raw = nullptr;
  check(natsConnection_SubscribeSync(&raw, connection.get(), kAuthErrorSubject),
        "subscribe to refusals");
  const Subscription subscription{raw};
  check(natsSubscription_SetPendingLimits(raw, kMaxPending, kMaxPendingBytes), "pending limits");
  check(natsConnection_FlushTimeout(connection.get(), kPingTimeout.count()), "flush");
  check_permitted(connection);
  auto next_ping = Clock::now() + kPingInterval;
  while (!stop.stop_requested()) {
    const Message message = next(subscription, kStopInterval);
    if (links_.another_up(last_) && Clock::now() >= next_ping) {
      check(natsConnection_FlushTimeout(connection.get(), kPingTimeout.count()), "ping");
      next_ping = Clock::now() + kPingInterval;
    }
    if (message) reader_.hear(data(*message));
  }
}

void AuthErrorListener::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      listen(stop);
    } catch (const NatsError&) {
      // The callout's own connection has told it.
    } catch (const std::exception& fault) {
      log(Level::error, "fault", {{"error", fault.what()}});
    }
    pause_.wait(stop, kReconnectDelay);
  }
}

}  // namespace gateway
