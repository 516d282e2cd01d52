#include "gateway/kicker.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "auth/json_read.h"
#include "gateway/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kAnswerTimeout = 1s;
constexpr auto kPause = 200ms;
// A server that has not answered for so many tries has left, and its connections with it.
constexpr int kTries = 50;

}  // namespace

Kicker::Kicker(const NatsConfig& config, const auth::KeyPair& key, Counters& counters)
    : config_(config),
      key_(key),
      counters_(counters),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Kicker::kick(Connected connection) {
  const std::lock_guard lock{mutex_};
  waiting_.push_back(std::move(connection));
  changed_.notify_one();
}

void Kicker::ensure_connected() {
  if (!connected(connection_))
    connection_ = connect(config_, key_, "credgate system", Sending::prompt);
}

// Source: nats-server `events.go`, `$SYS.REQ.SERVER.<id>.KICK`: an answer without `error` is
// success; code 500 means that it has no such client.
Kicker::Outcome Kicker::request(const Connected& connection) {
  ensure_connected();
  const std::string subject = "$SYS.REQ.SERVER." + connection.server_id + ".KICK";
  const std::string body = "{\"cid\":" + std::to_string(connection.cid) + "}";
  natsMsg* raw = nullptr;
  check(natsConnection_RequestString(&raw, connection_.get(), subject.c_str(), body.c_str(),
                                     std::chrono::milliseconds{kAnswerTimeout}.count()),
        "kick");
  const Message answer{raw};
  const auto json = auth::read_json_object(data(*answer));
  if (!json) return Outcome::failed;
  return json->contains("error") ? Outcome::gone : Outcome::closed;
}

void Kicker::run(const std::stop_token& stop) {
  int tries = 0;
  std::unique_lock lock{mutex_};
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    const Connected connection = waiting_.front();
    lock.unlock();
    Outcome outcome = Outcome::failed;
    std::string error = "no answer that can be read";
    try {
      outcome = request(connection);
    } catch (const std::exception& fault) {
      error = fault.what();
    }
    const bool failed = outcome == Outcome::failed;
    if (!failed || ++tries == 1 || tries == kTries) {
      if (outcome == Outcome::closed) ++counters_.kicked;
      log(failed ? Level::error : Level::warning,
          failed                       ? "kick_failed"
          : outcome == Outcome::closed ? "kicked"
                                       : "kick_found_none",
          {{"id", connection.credential},
           {"server", connection.server_id},
           {"cid", std::to_string(connection.cid)},
           {"error", failed ? error : ""}});
    }
    lock.lock();
    if (failed && tries < kTries) {
      changed_.wait_for(lock, stop, kPause, [] { return false; });
      continue;
    }
    waiting_.pop_front();
    tries = 0;
  }
}

}  // namespace gateway
