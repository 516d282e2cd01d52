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
constexpr auto kDrainTimeout = 2s;
// A server that no server of the cluster has reached for so many tries is gone, and its connections
// with it.
constexpr int kTries = 50;

}  // namespace

Kicker::Kicker(const NatsConfig& config, const NatsLogin& login, Counters& counters)
    : config_(config),
      login_(login),
      counters_(counters),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Kicker::kick(Connected connection) {
  const std::lock_guard lock{mutex_};
  waiting_.push_back({.connection = std::move(connection), .tries = 0, .error = ""});
  changed_.notify_all();
}

void Kicker::drain() {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, kDrainTimeout, [this] { return waiting_.empty() && !busy_; });
}

// Source: nats-server `events.go`, `$SYS.REQ.SERVER.<id>.KICK`: an answer without `error` is
// success; with one, the server has no such client.
std::string_view Kicker::request(const Connected& connection) {
  const std::string subject = "$SYS.REQ.SERVER." + connection.server_id + ".KICK";
  const std::string body = "{\"cid\":" + std::to_string(connection.cid) + "}";
  natsMsg* raw = nullptr;
  check(natsConnection_RequestString(&raw, connection_.get(), subject.c_str(), body.c_str(),
                                     std::chrono::milliseconds{kAnswerTimeout}.count()),
        "kick");
  const Message answer{raw};
  const auto json = auth::read_json_object(data(*answer));
  if (!json) throw NatsError("kick", NATS_PROTOCOL_ERROR);
  return json->contains("error") ? "kick_found_none" : "kicked";
}

bool Kicker::work(Task& task) {
  std::string_view event = "kick_failed";
  std::string error;
  try {
    if (!connected(connection_)) {
      connection_ =
          connect(config_, login_, "credgate system", Sending::prompt, counters_.lame_ducks);
    }
    ++task.tries;  // only what was sent counts: without a connection this waits for one
    event = request(task.connection);
  } catch (const NatsError& fault) {
    error = fault.what();
  }
  if (event == "kicked") ++counters_.kicked;
  if (error.empty() || error != task.error || task.tries == kTries) {
    log(error.empty() ? Level::warning : Level::error, event,
        {{"id", task.connection.credential},
         {"server", task.connection.server_id},
         {"cid", std::to_string(task.connection.cid)},
         {"error", error}});
  }
  task.error = error;
  return error.empty() || task.tries == kTries;
}

void Kicker::run(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    lock.unlock();
    const bool done = work(task);
    lock.lock();
    busy_ = false;
    changed_.notify_all();
    if (done) continue;
    waiting_.push_back(std::move(task));  // behind the others: one lost server holds nobody up
    changed_.wait_for(lock, stop, kPause, [] { return false; });
  }
}

}  // namespace gateway
