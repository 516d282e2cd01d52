// What ServerQueries does with the servers' replies.

#include <algorithm>
#include <iterator>
#include <utility>

#include "gateway/sessions/kick.h"
#include "gateway/sessions/server_queries.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kRetryRefused = 30s;
constexpr auto kRetryUnknown = 200ms;

}  // namespace

void ServerQueries::note_answered(Query& query, const std::string& server_id) {
  query.answered.insert(server_id);
  const auto has = [&](const auto& server) { return query.answered.contains(server.first); };
  if (knows_servers_ && std::ranges::all_of(servers_, has)) std::get<Sweep>(query.what).of = {};
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
  link_closed_.erase(kick.session.server_id);
  for (const ClosingPart& closing : kick.of)
    closing->answered(kick.session.server_id);
  if (!reply->kicked && !reply->unknown) {
    note_failed(kick.session, reply->error.empty() ? "the server refused it" : reply->error);
    return set_unsent(number, query, now + kRetryRefused);
  }
  if (reply->unknown && now < kick.unknown_until) {
    // It is not open now. Should it be let in all the same, it is closed, and nobody waits for
    // that.
    for (const ClosingPart& closing : kick.of)
      closing->gone(kick.session, kick.session.confirmed);
    kick.of.clear();
    return set_unsent(number, query, now + kRetryUnknown);
  }
  actions_.closed.push_back({.session = kick.session,
                             .kicked = reply->kicked,
                             .was_there = kick.session.confirmed || (reply->kicked && kick.let_in),
                             .of = std::move(kick.of)});
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
    // It is asked for all that it has by this very sweep.
    link_closed_.erase(page.server_id);
    sweep.of.merge(unreachable_.take(page.server_id));
    if (servers_.insert_or_assign(page.server_id, page.server_name).second)
      unreachable_.observe_new(page.server_name);
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
  for (const auto& [credential, closing] : sweep.of)
    closing->answered(page.server_id);
  close_found(sweep, now);
  actions_.reported.push_back({.server_id = page.server_id,
                               .credential = std::move(sweep.credential),
                               .report = std::move(sweep.report),
                               .asked = first_sent});
}

void ServerQueries::close_found(Sweep& sweep, TimePoint now) {
  for (Session& session : sweep.to_close) {
    const auto [begin, end] = sweep.of.equal_range(session.credential);
    std::vector<ClosingPart> of;
    for (auto each = begin; each != end; ++each)
      of.push_back(each->second);
    const bool let_in = session.confirmed;
    for (const ClosingPart& closing : of) {
      if (let_in) closing->found(session);
    }
    put({.what = Kick{.session = std::move(session), .let_in = let_in, .of = std::move(of)},
         .due = now});
  }
}

}  // namespace gateway
