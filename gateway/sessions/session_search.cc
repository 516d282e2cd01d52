#include "gateway/sessions/session_search.h"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kSearchSilence = 1s;
constexpr auto kAnswerTimeout = 2s;
constexpr int kMaxAttempts = 2;
constexpr std::uint64_t kSearchNumber = 0;

}  // namespace

SessionSearch::SessionSearch(std::string credential, TimePoint now,
                             std::chrono::milliseconds max_duration)
    : credential_(std::move(credential)), end_(now + max_duration), search_due_(now) {}

std::vector<Question> SessionSearch::step(TimePoint now) {
  std::vector<Question> asked;
  search_servers(now, asked);
  for (auto& [id, server] : servers_)
    read_on(id, server, now, asked);
  return asked;
}

void SessionSearch::search_servers(TimePoint now, std::vector<Question>& asked) {
  if (!searching_ || now < std::min(search_due_, end_)) return;
  searching_ = servers_.empty() && searches_ < kMaxAttempts;
  if (!searching_) return;
  ++searches_;
  search_due_ = now + kAnswerTimeout;
  asked.push_back({.subject = kConnzOfAll,
                   .body = write_connz_request(credential_, 0),
                   .number = kSearchNumber});
}

void SessionSearch::read_on(const std::string& id, Server& server, TimePoint now,
                            std::vector<Question>& asked) {
  if (server.state != State::reading) return;
  const bool given_up = now >= server.due && server.tries >= kMaxAttempts;
  if (given_up || now >= end_) {
    server.state = State::incomplete;
    return;
  }
  if (now < server.due) return;
  ++server.tries;
  server.due = now + kAnswerTimeout;
  asked.push_back({.subject = connz_of(id),
                   .body = write_connz_request(credential_, server.pager.offset()),
                   .number = server.number});
}

void SessionSearch::on_reply(std::uint64_t number, std::string_view data, TimePoint now) {
  auto page = read_connz(data);
  if (!page) return;
  const auto known = servers_.find(page->server_id);
  if (number != kSearchNumber) {
    if (known == servers_.end() || known->second.number != number) return;
    if (known->second.state == State::reading) take_page(known->second, std::move(*page), now);
  } else if (known == servers_.end()) {
    search_due_ = now + kSearchSilence;
    Server& server = servers_[page->server_id];
    take_page(server, std::move(*page), now);
  }
}

void SessionSearch::take_page(Server& server, Connz page, TimePoint now) {
  server.name = page.server_name;
  server.names_leafnodes = page.names_leafnodes;
  server.number = next_number_++;
  server.tries = 0;
  server.due = now;
  const auto next = server.pager.take(page);
  if (next == ConnzPager::Next::refuse) server.state = State::incomplete;
  if (next == ConnzPager::Next::end) server.state = State::complete;
  if (next != ConnzPager::Next::end && next != ConnzPager::Next::page) return;
  for (ConnzEntry& entry : page.sessions) {
    if (entry.credential == credential_ && is_let_in(entry))
      server.sessions.insert_or_assign(entry.cid, std::move(entry));
  }
}

bool SessionSearch::done() const {
  return !searching_ && std::ranges::none_of(servers_, [](const auto& server) {
    return server.second.state == State::reading;
  });
}

SessionSearch::TimePoint SessionSearch::next_due() const {
  TimePoint due = searching_ ? std::min(search_due_, end_) : end_;
  for (const auto& [id, server] : servers_) {
    if (server.state == State::reading) due = std::min(due, server.due);
  }
  return due;
}

std::vector<ServerSessions> SessionSearch::found() const {
  std::vector<ServerSessions> list;
  for (const auto& [id, server] : servers_) {
    ServerSessions& each = list.emplace_back();
    each.server_name = server.name;
    each.complete = server.state == State::complete;
    each.names_leafnodes = server.names_leafnodes;
    for (const auto& [cid, entry] : server.sessions)
      each.sessions.push_back(entry);
  }
  std::ranges::sort(list, {}, &ServerSessions::server_name);
  return list;
}

}  // namespace gateway
