#include "gateway/sessions/server_queries.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "gateway/sessions/kick.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kReplyTimeout = 1s;
// A server that no server of the cluster has reached for so many tries is not waited for, and its
// sessions do not count: clients that come back elsewhere would count twice. Should it only have
// been cut off, it is looked through once it is heard of again.
constexpr int kMaxTries = 10;
constexpr int kMaxTriesLinkClosed = 2;
constexpr auto kRetryUnanswered = 30s;
// Every server answers at once, as none has sessions of it, and those that were unreachable are
// heard of.
constexpr const char* kNoCredential = "-";

}  // namespace

void ServerQueries::note_failed(const Session& session, const std::string& error) {
  actions_.notices.push_back({Level::error, "kick_failed", session.credential,
                              name_of(session.server_id), std::to_string(session.cid), error});
}

void ServerQueries::note_unanswered(const std::string& server, const std::string& credential) {
  actions_.notices.push_back({Level::error, "connz_failed", credential, server, {}, {}});
}

void ServerQueries::put(Query query) {
  const std::uint64_t number = next_number_++;
  due_.emplace(query.due, number);
  queries_.emplace(number, std::move(query));
}

void ServerQueries::set_due(std::uint64_t number, Query& query, TimePoint due) {
  due_.erase({query.due, number});
  due_.emplace(due, number);
  query.due = due;
}

void ServerQueries::note_silent(const ClosingParts& of, const std::string& server_id,
                                const std::string& name, TimePoint since) {
  for (const auto& [credential, closing] : of)
    closing->silent(server_id, name, since);
}

void ServerQueries::sweep(const std::string& credential, TimePoint due,
                          const std::vector<ClosingPart>& of) {
  ClosingParts parts;
  for (const ClosingPart& closing : of) {
    parts.emplace(credential, closing);
    unreachable_.add(credential, closing, due);
  }
  put({.what = Sweep{.credential = credential, .of = std::move(parts)}, .due = due});
}

void ServerQueries::set_unsent(std::uint64_t number, Query& query, TimePoint due) {
  query.sent = false;
  query.tries = 0;
  set_due(number, query, due);
}

void ServerQueries::forget(std::uint64_t number) {
  const auto found = queries_.find(number);
  due_.erase({found->second.due, number});
  queries_.erase(found);
}

bool ServerQueries::observe_server(const std::string& server_id, const std::string& name,
                                   TimePoint now) {
  if (server_id.empty() || shut_down_.contains(server_id)) return false;
  link_closed_.erase(server_id);
  if (!servers_.insert_or_assign(server_id, name).second) return true;
  auto waiting = unreachable_.take(server_id);
  unreachable_.observe_new(name);
  put({.what = Sweep{.server_id = server_id, .of = std::move(waiting)}, .due = now});
  return true;
}

void ServerQueries::on_link(const std::string& server_id, bool up, TimePoint now) {
  if (up) {
    link_closed_.erase(server_id);
    unreachable_.look_now(now);
  } else if (servers_.contains(server_id)) {
    link_closed_.insert(server_id);
  }
}

ServerQueries::Actions ServerQueries::on_shutdown(std::string_view server_id) {
  if (server_id.empty() || !shut_down_.emplace(server_id).second) return {};
  const std::string id{server_id};
  auto waiting = unreachable_.take(id);
  waiting.merge(forget_server(id));
  for (const auto& [credential, closing] : waiting)
    closing->server_gone(id);
  return std::exchange(actions_, {});
}

ClosingParts ServerQueries::forget_server(std::string_view server_id) {
  if (const auto known = servers_.find(server_id); known != servers_.end()) servers_.erase(known);
  ClosingParts waiting;
  for (auto next = queries_.begin(); next != queries_.end();) {
    auto& [number, query] = *next++;
    if (auto* kick = std::get_if<Kick>(&query.what)) {
      if (kick->session.server_id != server_id) continue;
      for (ClosingPart& closing : kick->of)
        waiting.emplace(kick->session.credential, std::move(closing));
    } else {
      Sweep& sweep = std::get<Sweep>(query.what);
      if (sweep.server_id != server_id) continue;
      waiting.merge(sweep.of);
    }
    forget(number);
  }
  if (const auto closed = link_closed_.find(server_id); closed != link_closed_.end())
    link_closed_.erase(closed);
  actions_.gone.emplace_back(server_id);
  return waiting;
}

bool ServerQueries::busy(TimePoint now) const {
  return std::ranges::any_of(
      queries_, [now](const auto& query) { return query.second.sent || query.second.due <= now; });
}

void ServerQueries::start_over(TimePoint now) {
  knows_servers_ = false;
  for (auto& [number, query] : queries_) {
    if (!std::exchange(query.sent, false)) continue;
    set_due(number, query, now);
  }
}

void ServerQueries::send(std::uint64_t number, Query& query, TimePoint now) {
  ++query.tries;
  query.sent = true;
  if (!query.first_sent) query.first_sent = now;
  set_due(number, query, now + kReplyTimeout);
  if (const auto* kick = std::get_if<Kick>(&query.what)) {
    const Session& session = kick->session;
    actions_.to_send.push_back(
        {kick_of(session.server_id), write_kick_request(session.cid), number});
    return;
  }
  const auto& sweep = std::get<Sweep>(query.what);
  actions_.to_send.push_back({sweep.server_id.empty() ? kConnzOfAll : connz_of(sweep.server_id),
                              write_connz_request(sweep.credential, sweep.pager.offset()), number});
}

// Not answered in time, or a sweep over all servers, whose time is over.
void ServerQueries::send_again(std::uint64_t number, Query& query, TimePoint now) {
  if (const auto* kick = std::get_if<Kick>(&query.what))
    return kick_again(number, query, *kick, now);
  sweep_again(number, query, std::get<Sweep>(query.what), now);
}

int ServerQueries::max_tries(const std::string& server_id) const {
  return link_closed_.contains(server_id) ? kMaxTriesLinkClosed : kMaxTries;
}

void ServerQueries::give_up(const std::string& server_id, TimePoint since, TimePoint now) {
  const std::string name = name_of(server_id);
  const bool dead = link_closed_.contains(server_id);
  auto waiting = forget_server(server_id);
  if (dead) return unreachable_.give_up_dead(server_id, waiting, now);
  unreachable_.give_up(server_id, name, since, std::move(waiting), now);
}

void ServerQueries::kick_again(std::uint64_t number, Query& query, const Kick& kick,
                               TimePoint now) {
  const std::string server_id = kick.session.server_id;
  const TimePoint since = query.first_sent.value_or(now);
  if (query.tries == 1) note_failed(kick.session, "no answer yet");
  for (const ClosingPart& closing : kick.of)
    closing->silent(server_id, name_of(server_id), since);
  if (query.tries < max_tries(server_id)) return send(number, query, now);
  note_failed(kick.session, "given up");
  give_up(server_id, since, now);
}

void ServerQueries::sweep_again(std::uint64_t number, Query& query, const Sweep& sweep,
                                TimePoint now) {
  if (!sweep.server_id.empty()) {
    const std::string server_id = sweep.server_id;
    const TimePoint since = query.first_sent.value_or(now);
    note_unanswered(name_of(server_id), sweep.credential);
    note_silent(sweep.of, server_id, name_of(server_id), since);
    if (query.tries < max_tries(server_id)) return send(number, query, now);
    return give_up(server_id, since, now);
  }
  // None is known yet, or all are too busy to answer in time.
  if (query.answered.empty() && query.tries < kMaxTries) return send(number, query, now);
  if (query.answered.empty() && servers_.empty()) {
    note_unanswered("any", sweep.credential);
    return set_unsent(number, query, now + kRetryUnanswered);
  }
  knows_servers_ = true;
  for (const auto& [id, name] : servers_) {
    if (query.answered.contains(id)) continue;
    note_silent(sweep.of, id, name, query.first_sent.value_or(now));
    Sweep one = sweep;
    one.server_id = id;
    put({.what = std::move(one), .due = now});
  }
  forget(number);
}

ServerQueries::Actions ServerQueries::step(TimePoint now) {
  if (unreachable_.due(now)) sweep(kNoCredential, now);
  std::vector<std::uint64_t> due;
  for (const auto& [at, number] : due_) {
    if (at > now) break;
    due.push_back(number);
  }
  for (const std::uint64_t number : due) {
    const auto found = queries_.find(number);
    if (found == queries_.end()) continue;  // its server was forgotten
    if (found->second.sent) {
      send_again(number, found->second, now);
    } else {
      send(number, found->second, now);
    }
  }
  return std::exchange(actions_, {});
}

}  // namespace gateway
