#include "gateway/server_requests.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "auth/json_read.h"
#include "gateway/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kAnswerTimeout = 1s;
// A server that no server of the cluster has reached for so many tries is gone, and its connections
// with it.
constexpr int kMostTries = 50;
// Connections that end between two pages move the others up.
constexpr std::uint64_t kStep = kConnzPage - 64;

void log_failed(const Connected& connection, const std::string& error) {
  log(Level::error, "kick_failed",
      {{"id", connection.credential},
       {"server", connection.server_id},
       {"cid", std::to_string(connection.cid)},
       {"error", error}});
}

}  // namespace

ServerRequests::ServerRequests(Uses uses) : uses_(std::move(uses)) {}

void ServerRequests::put(std::variant<Kick, Sweep> what, Clock::time_point due) {
  const std::uint64_t number = next_number_++;
  due_.emplace(due, number);
  asked_.emplace(number, Asked{.what = std::move(what), .due = due});
}

void ServerRequests::set_due(std::uint64_t number, Asked& asked, Clock::time_point due) {
  due_.erase({asked.due, number});
  due_.emplace(due, number);
  asked.due = due;
}

void ServerRequests::forget(std::uint64_t number) {
  const auto found = asked_.find(number);
  due_.erase({found->second.due, number});
  asked_.erase(found);
}

void ServerRequests::kick(Connected connection) {
  put(Kick{std::move(connection)}, Clock::now());
}

void ServerRequests::sweep(std::string credential, auth::Instant all_until, Clock::time_point due) {
  put(Sweep{.credential = std::move(credential), .all_until = all_until}, due);
}

void ServerRequests::met(const std::string& server_id, const std::string& name) {
  if (!server_id.empty()) servers_.try_emplace(server_id, name);
}

void ServerRequests::leave(std::string_view server_id) {
  const auto found = servers_.find(server_id);
  if (found != servers_.end()) servers_.erase(found);
  uses_.gone(server_id);
}

bool ServerRequests::open() const {
  return std::ranges::any_of(asked_, [](const auto& asked) {
    return asked.second.sent || asked.second.due <= Clock::now();
  });
}

ServerRequests::Clock::time_point ServerRequests::next_due() const {
  return due_.empty() ? Clock::time_point::max() : due_.begin()->first;
}

void ServerRequests::start_over() {
  for (auto& [number, asked] : asked_) {
    if (!std::exchange(asked.sent, false)) continue;
    set_due(number, asked, Clock::now());
  }
}

void ServerRequests::take(const SystemLink::Heard& answer) {
  const auto found = asked_.find(answer.number);
  if (found == asked_.end()) return;
  if (const auto* kick = std::get_if<Kick>(&found->second.what)) {
    take_kick(answer.number, *kick, answer.data);
  } else {
    take_page(answer.number, found->second, answer.data);
  }
}

// An answer without `error` is success; with one, the server has no such client.
void ServerRequests::take_kick(std::uint64_t number, const Kick& kick, std::string_view answer) {
  const auto json = auth::read_json_object(answer);
  if (!json) return;
  const Connected connection = kick.connection;
  forget(number);
  uses_.closed(connection, !json->contains("error"));
}

void ServerRequests::take_page(std::uint64_t number, Asked& asked, std::string_view answer) {
  const auto connz = read_connz(answer);
  if (!connz) return;
  servers_.insert_or_assign(connz->server_id, connz->server_name);
  auto& asked_for = std::get<Sweep>(asked.what);
  std::vector<std::uint64_t> seen;
  std::vector<Connected> to_close;
  for (const Session& session : connz->sessions) {
    if (!asked_for.credential.empty() && session.credential != asked_for.credential) continue;
    Connected found{connz->server_id, session.cid, session.credential,
                    session.began.value_or(auth::Instant{}), session.type == "leafnode"};
    seen.push_back(session.cid);
    if (!uses_.may_stay(found, is_let_in(session), asked_for.all_until))
      to_close.push_back(std::move(found));
  }
  // Only now: a fault until here leaves it to be asked again.
  asked.answered.insert(connz->server_id);
  const bool of_one = !asked_for.server_id.empty();
  Sweep sweep = of_one ? std::move(asked_for) : asked_for;
  if (of_one) forget(number);
  sweep.seen.insert(seen.begin(), seen.end());
  std::ranges::move(to_close, std::back_inserter(sweep.to_close));
  if (connz->more) {
    sweep.server_id = connz->server_id;
    sweep.offset += kStep;
    return put(std::move(sweep), Clock::now());
  }
  for (Connected& connection : sweep.to_close)
    kick(std::move(connection));
  uses_.named(connz->server_id, sweep.credential, sweep.seen);
}

void ServerRequests::send(std::uint64_t number, Asked& asked) {
  ++asked.tries;
  asked.sent = true;
  set_due(number, asked, Clock::now() + kAnswerTimeout);
  if (const auto* kick = std::get_if<Kick>(&asked.what)) {
    return uses_.ask("$SYS.REQ.SERVER." + kick->connection.server_id + ".KICK",
                     auth::Json{{"cid", kick->connection.cid}}.dump(), number);
  }
  const auto& sweep = std::get<Sweep>(asked.what);
  uses_.ask(sweep.server_id.empty() ? kConnzOfAll : connz_of(sweep.server_id),
            write_connz_request(sweep.credential, sweep.offset), number);
}

// Not answered in time, or a sweep over all servers, whose time is over.
void ServerRequests::send_again(std::uint64_t number, Asked& asked) {
  if (const auto* kick = std::get_if<Kick>(&asked.what)) return kick_again(number, asked, *kick);
  sweep_again(number, asked, std::get<Sweep>(asked.what));
}

void ServerRequests::kick_again(std::uint64_t number, Asked& asked, const Kick& kick) {
  if (asked.tries == 1) log_failed(kick.connection, "no answer yet");
  if (asked.tries < kMostTries) return send(number, asked);
  log_failed(kick.connection, "given up");
  const std::string server_id = kick.connection.server_id;
  forget(number);
  leave(server_id);
}

void ServerRequests::sweep_again(std::uint64_t number, Asked& asked, const Sweep& sweep) {
  if (!sweep.server_id.empty()) {
    const auto name = servers_.find(sweep.server_id);
    log(Level::error, "sweep_unanswered",
        {{"server", name == servers_.end() ? sweep.server_id : name->second},
         {"id", sweep.credential}});
    if (asked.tries < kMostTries) return send(number, asked);
    const std::string server_id = sweep.server_id;
    forget(number);
    return leave(server_id);  // it died without a word
  }
  // None is known yet, or all are too busy to answer in time.
  if (asked.answered.empty() && asked.tries < kMostTries) return send(number, asked);
  for (const auto& [id, name] : servers_) {
    if (asked.answered.contains(id)) continue;
    Sweep one = sweep;
    one.server_id = id;
    put(std::move(one), Clock::now());
  }
  forget(number);
}

void ServerRequests::send_due() {
  std::vector<std::uint64_t> due;
  for (const auto& [at, number] : due_) {
    if (at > Clock::now()) break;
    due.push_back(number);
  }
  for (const std::uint64_t number : due) {
    Asked& asked = asked_.at(number);
    if (asked.sent) {
      send_again(number, asked);
    } else {
      send(number, asked);
    }
  }
}

}  // namespace gateway
