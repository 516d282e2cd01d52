#include "gateway/sessions/server_queries.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "auth/base/json.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kAnswerTimeout = 1s;
// A server that no server of the cluster has reached for so many tries is taken for gone, and its
// connections with it: clients that come back elsewhere would count twice. Should it only have been
// cut off, it is looked through once it is heard of again.
constexpr int kMostTries = 10;
constexpr auto kLookAgain = 30s;
constexpr auto kLookFor = 1h;
constexpr auto kKickAgain = 200ms;
// Of no credential: every server answers at once, and those that were lost are heard of.
constexpr const char* kNobody = "-";

}  // namespace

std::string ServerQueries::name_of(const std::string& server_id) const {
  const auto known = servers_.find(server_id);
  return known == servers_.end() ? server_id : known->second;
}

void ServerQueries::log_failed(const Session& connection, const std::string& error) const {
  log(Level::error, "kick_failed",
      {{"id", connection.credential},
       {"server", name_of(connection.server_id)},
       {"cid", std::to_string(connection.cid)},
       {"error", error}});
}

ServerQueries::ServerQueries(Uses uses) : uses_(std::move(uses)) {}

void ServerQueries::put(Asked asked) {
  const std::uint64_t number = next_number_++;
  due_.emplace(asked.due, number);
  asked_.emplace(number, std::move(asked));
}

void ServerQueries::set_due(std::uint64_t number, Asked& asked, Clock::time_point due) {
  due_.erase({asked.due, number});
  due_.emplace(due, number);
  asked.due = due;
}

void ServerQueries::forget(std::uint64_t number) {
  const auto found = asked_.find(number);
  due_.erase({found->second.due, number});
  asked_.erase(found);
}

void ServerQueries::kick(Session connection, Clock::time_point unknown_until) {
  put({.what = Kick{std::move(connection), unknown_until}, .due = uses_.now()});
}

void ServerQueries::sweep(std::string credential, Clock::time_point due) {
  put({.what = Sweep{.credential = std::move(credential)}, .due = due});
}

bool ServerQueries::met(const std::string& server_id, const std::string& name) {
  if (server_id.empty() || ended_.contains(server_id)) return false;
  lost_.erase(server_id);
  if (servers_.insert_or_assign(server_id, name).second)
    put({.what = Sweep{.server_id = server_id}, .due = uses_.now()});
  return true;
}

void ServerQueries::shut_down(std::string_view server_id) {
  if (server_id.empty() || !ended_.emplace(server_id).second) return;
  lost_.erase(std::string(server_id));
  leave(server_id);
}

void ServerQueries::leave(std::string_view server_id) {
  if (const auto known = servers_.find(server_id); known != servers_.end()) servers_.erase(known);
  for (auto next = asked_.begin(); next != asked_.end();) {
    const auto& [number, asked] = *next++;
    const auto* kick = std::get_if<Kick>(&asked.what);
    const std::string& whose =
        kick != nullptr ? kick->connection.server_id : std::get<Sweep>(asked.what).server_id;
    if (whose == server_id) forget(number);
  }
  uses_.gone(server_id);
}

bool ServerQueries::open() const {
  return std::ranges::any_of(asked_, [now = uses_.now()](const auto& asked) {
    return asked.second.sent || asked.second.due <= now;
  });
}

ServerQueries::Clock::time_point ServerQueries::next_due() const {
  return due_.empty() ? next_look_ : std::min(next_look_, due_.begin()->first);
}

void ServerQueries::start_over() {
  for (auto& [number, asked] : asked_) {
    if (!std::exchange(asked.sent, false)) continue;
    set_due(number, asked, uses_.now());
  }
}

void ServerQueries::take(const SystemConnection::SystemMessage& answer) {
  const auto found = asked_.find(answer.number);
  if (found == asked_.end()) {
    // Too late, but there is a server.
    if (const auto from = read_account_event(answer.data)) met(from->server_id, from->server_name);
    return;
  }
  if (std::holds_alternative<Kick>(found->second.what)) {
    take_kick(answer.number, found->second, answer.data);
  } else {
    take_page(answer.number, found->second, answer.data);
  }
}

// An answer without `error` is success. Of other errors than this one nothing follows.
void ServerQueries::take_kick(std::uint64_t number, Asked& asked, std::string_view answer) {
  const auto json = auth::read_json_object(answer);
  if (!json) return;
  const Kick& kick = std::get<Kick>(asked.what);
  const bool kicked = !json->contains("error");
  const std::string error = auth::string_at(auth::member(*json, "error"), "description");
  const bool unknown = error.starts_with("no such client");
  const auto again = [&](Clock::duration pause) {
    asked.sent = false;
    asked.tries = 0;
    set_due(number, asked, uses_.now() + pause);
  };
  if (!kicked && !unknown) {
    log_failed(kick.connection, error.empty() ? "the server refused it" : error);
    return again(kLookAgain);
  }
  if (unknown && uses_.now() < kick.unknown_until) return again(kKickAgain);
  const Session connection = kick.connection;
  forget(number);
  uses_.closed(connection, kicked);
}

void ServerQueries::take_page(std::uint64_t number, Asked& asked, std::string_view answer) {
  const auto connz = read_connz(answer);
  if (!connz || ended_.contains(connz->server_id)) return;
  ConnzPager pager = std::get<Sweep>(asked.what).pager;
  const auto next = pager.take(*connz);
  if (next == ConnzPager::Next::refuse) return;
  asked.tries = 1;  // it is there, whatever comes of its answer
  if (next == ConnzPager::Next::step_back) return read_again(number, asked, pager);
  take_connz(number, asked, *connz, pager, next == ConnzPager::Next::end);
}

// Under a new number: the page that was dropped may come a second time.
void ServerQueries::read_again(std::uint64_t number, Asked& asked, ConnzPager from) {
  Asked again = std::move(asked);
  std::get<Sweep>(again.what).pager = from;
  again.sent = false;
  due_.erase({again.due, number});
  asked_.erase(number);
  again.due = uses_.now();
  put(std::move(again));
}

void ServerQueries::take_connz(std::uint64_t number, Asked& asked, const Connz& connz,
                               ConnzPager pager, bool last) {
  auto& asked_for = std::get<Sweep>(asked.what);
  std::vector<std::uint64_t> seen;
  std::vector<Session> to_close;
  for (const ConnzEntry& session : connz.sessions) {
    if (!asked_for.credential.empty() && session.credential != asked_for.credential) continue;
    if (asked_for.named.cids.contains(session.cid)) continue;  // pages overlap
    Session found{connz.server_id, session.cid, session.credential,
                  session.began.value_or(auth::Instant{}), session.type == "leafnode"};
    seen.push_back(session.cid);
    if (!uses_.may_stay(found, is_let_in(session))) to_close.push_back(std::move(found));
  }
  // Only now: a fault until here leaves it to be asked again.
  const bool of_one = !asked_for.server_id.empty();
  const auto first_sent = asked.first_sent.value_or(Clock::time_point::min());
  Sweep sweep = of_one ? std::move(asked_for) : asked_for;
  if (of_one) {
    forget(number);
  } else {
    asked.answered.insert(connz.server_id);
  }
  if (sweep.credential.empty()) {
    servers_.insert_or_assign(connz.server_id, connz.server_name);
    lost_.erase(connz.server_id);
  } else {
    met(connz.server_id, connz.server_name);
  }
  sweep.named.cids.insert(seen.begin(), seen.end());
  sweep.named.leafnodes = connz.names_leafnodes;
  std::ranges::move(to_close, std::back_inserter(sweep.to_close));
  if (!last) {
    sweep.server_id = connz.server_id;
    sweep.pager = pager;
    return put({.what = std::move(sweep), .due = uses_.now(), .first_sent = first_sent});
  }
  for (Session& connection : sweep.to_close)
    kick(std::move(connection));
  uses_.named(connz.server_id, sweep.credential, sweep.named, first_sent);
}

void ServerQueries::send(std::uint64_t number, Asked& asked) {
  ++asked.tries;
  asked.sent = true;
  if (!asked.first_sent) asked.first_sent = uses_.now();
  set_due(number, asked, uses_.now() + kAnswerTimeout);
  if (const auto* kick = std::get_if<Kick>(&asked.what)) {
    return uses_.ask("$SYS.REQ.SERVER." + kick->connection.server_id + ".KICK",
                     auth::Json{{"cid", kick->connection.cid}}.dump(), number);
  }
  const auto& sweep = std::get<Sweep>(asked.what);
  uses_.ask(sweep.server_id.empty() ? kConnzOfAll : connz_of(sweep.server_id),
            write_connz_request(sweep.credential, sweep.pager.offset()), number);
}

// Not answered in time, or a sweep over all servers, whose time is over.
void ServerQueries::send_again(std::uint64_t number, Asked& asked) {
  if (const auto* kick = std::get_if<Kick>(&asked.what)) return kick_again(number, asked, *kick);
  sweep_again(number, asked, std::get<Sweep>(asked.what));
}

void ServerQueries::give_up(const std::string& server_id) {
  leave(server_id);
  lost_.insert_or_assign(server_id, uses_.now() + kLookFor);
  next_look_ = std::min(next_look_, uses_.now() + kLookAgain);
}

void ServerQueries::look_for_lost() {
  const auto now = uses_.now();
  if (now < next_look_) return;
  std::erase_if(lost_, [now](const auto& lost) { return lost.second <= now; });
  next_look_ = lost_.empty() ? Clock::time_point::max() : now + kLookAgain;
  if (!lost_.empty()) sweep(kNobody, now);
}

void ServerQueries::kick_again(std::uint64_t number, Asked& asked, const Kick& kick) {
  if (asked.tries == 1) log_failed(kick.connection, "no answer yet");
  if (asked.tries < kMostTries) return send(number, asked);
  log_failed(kick.connection, "given up");
  give_up(std::string(kick.connection.server_id));
}

void ServerQueries::sweep_again(std::uint64_t number, Asked& asked, const Sweep& sweep) {
  if (!sweep.server_id.empty()) {
    log(Level::error, "sweep_unanswered",
        {{"server", name_of(sweep.server_id)}, {"id", sweep.credential}});
    if (asked.tries < kMostTries) return send(number, asked);
    return give_up(std::string(sweep.server_id));  // it died without a word
  }
  // None is known yet, or all are too busy to answer in time.
  if (asked.answered.empty() && asked.tries < kMostTries) return send(number, asked);
  if (asked.answered.empty() && servers_.empty()) {
    log(Level::error, "sweep_unanswered", {{"server", "any"}, {"id", sweep.credential}});
    asked.sent = false;
    asked.tries = 0;
    return set_due(number, asked, uses_.now() + kLookAgain);
  }
  for (const auto& [id, name] : servers_) {
    if (asked.answered.contains(id)) continue;
    Sweep one = sweep;
    one.server_id = id;
    put({.what = std::move(one), .due = uses_.now()});
  }
  forget(number);
}

void ServerQueries::send_due() {
  look_for_lost();
  std::vector<std::uint64_t> due;
  for (const auto& [at, number] : due_) {
    if (at > uses_.now()) break;
    due.push_back(number);
  }
  for (const std::uint64_t number : due) {
    const auto found = asked_.find(number);
    if (found == asked_.end()) continue;  // its server was left
    if (found->second.sent) {
      send_again(number, found->second);
    } else {
      send(number, found->second);
    }
  }
}

}  // namespace gateway
