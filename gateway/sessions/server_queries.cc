#include "gateway/sessions/server_queries.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "gateway/sessions/kick.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kReplyTimeout = 1s;
// A server that no server of the cluster has reached for so many tries is taken for gone, and its
// sessions with it: clients that come back elsewhere would count twice. Should it only have been
// cut off, it is looked through once it is heard of again.
constexpr int kMaxTries = 10;
constexpr auto kRetryUnreachable = 30s;
constexpr auto kForgetUnreachable = 1h;
constexpr auto kRetryRefused = 30s;
constexpr auto kRetryUnknown = 200ms;
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

void ServerQueries::note_answered(Query& query, const std::string& server_id) {
  query.answered.insert(server_id);
  const auto has = [&](const auto& server) { return query.answered.contains(server.first); };
  if (knows_servers_ && std::ranges::all_of(servers_, has)) std::get<Sweep>(query.what).of = {};
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
  unreachable_.erase(server_id);
  if (servers_.insert_or_assign(server_id, name).second)
    put({.what = Sweep{.server_id = server_id}, .due = now});
  return true;
}

ServerQueries::Actions ServerQueries::on_shutdown(std::string_view server_id) {
  if (server_id.empty() || !shut_down_.emplace(server_id).second) return {};
  unreachable_.erase(std::string(server_id));
  forget_server(server_id);
  return std::exchange(actions_, {});
}

void ServerQueries::forget_server(std::string_view server_id) {
  if (const auto known = servers_.find(server_id); known != servers_.end()) servers_.erase(known);
  for (auto next = queries_.begin(); next != queries_.end();) {
    const auto& [number, query] = *next++;
    const auto* kick = std::get_if<Kick>(&query.what);
    const std::string& whose =
        kick != nullptr ? kick->session.server_id : std::get<Sweep>(query.what).server_id;
    if (whose == server_id) forget(number);
  }
  actions_.gone.emplace_back(server_id);
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

ServerQueries::Actions ServerQueries::on_reply(const SystemConnection::SystemMessage& reply,
                                               TimePoint now, const MayStay& may_stay) {
  const auto found = queries_.find(reply.number);
  if (found == queries_.end() || !found->second.sent) {
    // Nobody waits for it, but there is a server.
    if (const auto from = read_account_event(reply.data))
      observe_server(from->server_id, from->server_name, now);
  } else if (std::holds_alternative<Kick>(found->second.what)) {
    on_kick_reply(reply.number, found->second, reply.data, now);
  } else {
    on_page(reply.number, found->second, reply.data, now, may_stay);
  }
  return std::exchange(actions_, {});
}

// Of any other error than that there is no such session nothing follows.
void ServerQueries::on_kick_reply(std::uint64_t number, Query& query, std::string_view data,
                                  TimePoint now) {
  const auto reply = read_kick_reply(data);
  if (!reply) return;
  Kick& kick = std::get<Kick>(query.what);
  if (!reply->kicked && !reply->unknown) {
    note_failed(kick.session, reply->error.empty() ? "the server refused it" : reply->error);
    return set_unsent(number, query, now + kRetryRefused);
  }
  if (reply->unknown && now < kick.unknown_until)
    return set_unsent(number, query, now + kRetryUnknown);
  actions_.closed.push_back({std::move(kick.session), reply->kicked, std::move(kick.of)});
  forget(number);
}

void ServerQueries::on_page(std::uint64_t number, Query& query, std::string_view data,
                            TimePoint now, const MayStay& may_stay) {
  const auto page = read_connz(data);
  if (!page || shut_down_.contains(page->server_id)) return;
  const auto& sweep = std::get<Sweep>(query.what);
  if (!sweep.server_id.empty() && page->server_id != sweep.server_id) return;
  ConnzPager pager = sweep.pager;
  const auto next = pager.take(*page);
  if (next == ConnzPager::Next::refuse) return;
  query.tries = 1;  // it is there, whatever comes of its reply
  if (next == ConnzPager::Next::step_back) return read_again(number, query, pager, now);
  use_page(number, query, *page,
           next == ConnzPager::Next::page ? std::optional{pager} : std::nullopt, now, may_stay);
}

// Under a new number: the page that was dropped may come a second time.
void ServerQueries::read_again(std::uint64_t number, Query& query, ConnzPager from, TimePoint now) {
  Query again = std::move(query);
  forget(number);
  std::get<Sweep>(again.what).pager = from;
  again.sent = false;
  again.due = now;
  put(std::move(again));
}

void ServerQueries::use_page(std::uint64_t number, Query& query, const Connz& page,
                             std::optional<ConnzPager> next, TimePoint now,
                             const MayStay& may_stay) {
  auto& asked_for = std::get<Sweep>(query.what);
  std::vector<std::uint64_t> seen;
  std::vector<Session> to_close;
  for (const ConnzEntry& entry : page.sessions) {
    if (!asked_for.credential.empty() && entry.credential != asked_for.credential) continue;
    if (asked_for.report.cids.contains(entry.cid)) continue;  // pages overlap
    Session found{page.server_id,           entry.cid,
                  entry.credential,         entry.began.value_or(auth::Instant{}),
                  entry.type == "leafnode", is_let_in(entry)};
    seen.push_back(entry.cid);
    if (!may_stay(found, found.confirmed)) to_close.push_back(std::move(found));
  }
  // Only now: a fault until here leaves it to be asked again.
  const bool of_one = !asked_for.server_id.empty();
  const TimePoint first_sent = query.first_sent.value_or(now);
  Sweep sweep = of_one ? std::move(asked_for) : asked_for;
  if (of_one) {
    forget(number);
  } else {
    note_answered(query, page.server_id);
  }
  if (sweep.credential.empty()) {
    servers_.insert_or_assign(page.server_id, page.server_name);
    unreachable_.erase(page.server_id);
  } else {
    observe_server(page.server_id, page.server_name, now);
  }
  sweep.report.cids.insert(seen.begin(), seen.end());
  sweep.report.leafnodes = page.names_leafnodes;
  std::ranges::move(to_close, std::back_inserter(sweep.to_close));
  if (next) {
    sweep.server_id = page.server_id;
    sweep.pager = *next;
    return put({.what = std::move(sweep), .due = now, .first_sent = first_sent});
  }
  for (Session& session : sweep.to_close)
    kick(std::move(session), now, {}, sweep.of);
  actions_.reported.push_back({.server_id = page.server_id,
                               .credential = std::move(sweep.credential),
                               .report = std::move(sweep.report),
                               .asked = first_sent});
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

void ServerQueries::give_up(const std::string& server_id, TimePoint now) {
  forget_server(server_id);
  unreachable_.insert_or_assign(server_id, now + kForgetUnreachable);
  next_probe_ = std::min(next_probe_, now + kRetryUnreachable);
}

void ServerQueries::probe_unreachable(TimePoint now) {
  if (now < next_probe_) return;
  std::erase_if(unreachable_, [now](const auto& server) { return server.second <= now; });
  next_probe_ = unreachable_.empty() ? TimePoint::max() : now + kRetryUnreachable;
  if (!unreachable_.empty()) sweep(kNoCredential, now);
}

void ServerQueries::kick_again(std::uint64_t number, Query& query, const Kick& kick,
                               TimePoint now) {
  if (query.tries == 1) note_failed(kick.session, "no answer yet");
  if (query.tries < kMaxTries) return send(number, query, now);
  note_failed(kick.session, "given up");
  give_up(std::string(kick.session.server_id), now);
}

void ServerQueries::sweep_again(std::uint64_t number, Query& query, const Sweep& sweep,
                                TimePoint now) {
  if (!sweep.server_id.empty()) {
    note_unanswered(name_of(sweep.server_id), sweep.credential);
    if (query.tries < kMaxTries) return send(number, query, now);
    return give_up(std::string(sweep.server_id), now);  // it died without a word
  }
  // None is known yet, or all are too busy to answer in time.
  if (query.answered.empty() && query.tries < kMaxTries) return send(number, query, now);
  if (query.answered.empty() && servers_.empty()) {
    note_unanswered("any", sweep.credential);
    return set_unsent(number, query, now + kRetryUnreachable);
  }
  knows_servers_ = true;
  for (const auto& [id, name] : servers_) {
    if (query.answered.contains(id)) continue;
    Sweep one = sweep;
    one.server_id = id;
    put({.what = std::move(one), .due = now});
  }
  forget(number);
}

ServerQueries::Actions ServerQueries::step(TimePoint now) {
  probe_unreachable(now);
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
