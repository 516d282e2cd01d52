#include "gateway/sessions/session_table.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gateway {
namespace {

constexpr std::size_t kMaxClosed = 8192;
constexpr std::chrono::hours kRememberLeafnodes{1};

}  // namespace

// A cluster has few servers, and one that restarts has a new id.
std::uint32_t SessionTable::State::server_index(std::string_view id) {
  const auto known = std::ranges::find(servers, id);
  const auto index = static_cast<std::uint32_t>(known - servers.begin());
  if (known == servers.end()) servers.emplace_back(id);
  return index;
}

SessionTable::Key SessionTable::State::key_of(const Session& session) {
  return {server_index(session.server_id), session.cid};
}

// A server does not give a number twice.
void SessionTable::State::note_closed(const Key& key) {
  if (!closed.insert(key).second) return;
  closed_in_order.push_back(key);
  if (closed_in_order.size() <= kMaxClosed) return;
  closed.erase(closed_in_order.front());
  closed_in_order.pop_front();
}

Session SessionTable::State::session_of(const std::string& credential, const Key& key,
                                        const Entry& entry) const {
  return {servers.at(key.server), key.cid,        credential, entry.began,
          entry.leafnode,         entry.confirmed};
}

template <class Drop>
void SessionTable::drop_if(CredentialSessions& sessions, Drop drop) {
  count_ -= std::erase_if(sessions.entries,
                          [&](const auto& entry) { return drop(entry.first, entry.second); });
}

bool SessionTable::admit(const Session& session, std::uint32_t max_sessions,
                         auth::Instant settled) {
  const auto state = state_.lock();
  CredentialSessions& sessions = state->by_credential[session.credential];
  sessions.max_sessions = max_sessions;
  const auto counts = [settled](const Entry& entry) {
    return entry.confirmed || entry.known_since >= settled;
  };
  if (sessions.entries.size() >= sessions.prune_at) {
    drop_if(sessions, [&](const Key&, const Entry& entry) {
      const bool old = !entry.leafnode || entry.known_since < settled - kRememberLeafnodes;
      return old && !counts(entry);
    });
    sessions.prune_at = std::max(kFirstPrune, 2 * sessions.entries.size());
  }
  // Another gateway may have answered the same request.
  const Key key = state->key_of(session);
  // Only where it matters: many clients may share a credential, and each admission would walk all.
  const auto count = [&] {
    return std::ranges::count_if(sessions.entries, [&](const auto& entry) {
      return entry.first != key && counts(entry.second);
    });
  };
  if (max_sessions > 0 && std::cmp_greater_equal(count(), max_sessions)) return false;
  const auto [entry, is_new] = sessions.entries.try_emplace(
      key,
      Entry{.began = session.began, .known_since = session.began, .leafnode = session.leafnode});
  if (is_new) ++count_;
  return true;
}

void SessionTable::add(const Session& session, std::optional<auth::Instant> known_since) {
  const auto state = state_.lock();
  const Key key = state->key_of(session);
  if (state->closed.contains(key)) return;
  const auto [at, is_new] = state->by_credential[session.credential].entries.try_emplace(key);
  Entry& entry = at->second;
  if (is_new) {
    ++count_;
    entry.known_since = known_since.value_or(session.began);
  }
  entry.began = session.began;
  entry.leafnode = entry.leafnode || session.leafnode;
  entry.confirmed = true;
}

bool SessionTable::has_confirmed(const Session& session) const {
  const auto state = state_.lock();
  const auto server = std::ranges::find(state->servers, session.server_id);
  const auto found = state->by_credential.find(session.credential);
  if (server == state->servers.end() || found == state->by_credential.end()) return false;
  const auto entry = found->second.entries.find(
      {static_cast<std::uint32_t>(server - state->servers.begin()), session.cid});
  return entry != found->second.entries.end() && entry->second.confirmed;
}

void SessionTable::remove(const Session& session) {
  const auto state = state_.lock();
  const Key key = state->key_of(session);
  state->note_closed(key);
  const auto found = state->by_credential.find(session.credential);
  if (found == state->by_credential.end()) return;
  count_ -= found->second.entries.erase(key);
  if (found->second.entries.empty()) state->by_credential.erase(found);
}

void SessionTable::remove_server(std::string_view server_id) {
  const auto state = state_.lock();
  const std::uint32_t server = state->server_index(server_id);
  for (auto& [credential, sessions] : state->by_credential)
    drop_if(sessions, [server](const Key& key, const Entry&) { return key.server == server; });
  std::erase_if(state->by_credential, [](const auto& each) { return each.second.entries.empty(); });
}

void SessionTable::keep_only(std::string_view server_id, std::string_view credential,
                             const ServerReport& report, auth::Instant settled) {
  const auto state = state_.lock();
  const std::uint32_t server = state->server_index(server_id);
  const auto is_over = [&](const Key& key, const Entry& entry) {
    const bool nameable = report.leafnodes || !entry.leafnode;
    return key.server == server && nameable && entry.known_since < settled &&
           !report.cids.contains(key.cid);
  };
  if (credential.empty()) {
    for (auto& [id, sessions] : state->by_credential)
      drop_if(sessions, is_over);
    std::erase_if(state->by_credential,
                  [](const auto& each) { return each.second.entries.empty(); });
    return;
  }
  const auto found = state->by_credential.find(credential);
  if (found == state->by_credential.end()) return;
  drop_if(found->second, is_over);
  if (found->second.entries.empty()) state->by_credential.erase(found);
}

void SessionTable::allow(std::string_view credential, std::uint32_t max_sessions) {
  const auto state = state_.lock();
  const auto found = state->by_credential.find(credential);
  if (found != state->by_credential.end()) found->second.max_sessions = max_sessions;
}

std::vector<Session> SessionTable::of(std::string_view credential, auth::Instant until) const {
  const auto state = state_.lock();
  const auto found = state->by_credential.find(credential);
  if (found == state->by_credential.end()) return {};
  std::vector<Session> list;
  for (const auto& [key, entry] : found->second.entries) {
    if (entry.known_since <= until) list.push_back(state->session_of(found->first, key, entry));
  }
  return list;
}

bool SessionTable::has_too_many(std::string_view credential) const {
  const auto state = state_.lock();
  const auto found = state->by_credential.find(credential);
  if (found == state->by_credential.end() || found->second.max_sessions == 0) return false;
  const auto confirmed = std::ranges::count_if(
      found->second.entries, [](const auto& entry) { return entry.second.confirmed; });
  return std::cmp_greater(confirmed, found->second.max_sessions);
}

std::vector<Session> SessionTable::take_too_many(std::string_view credential,
                                                 auth::Instant settled) {
  const auto state = state_.lock();
  const auto found = state->by_credential.find(credential);
  if (found == state->by_credential.end() || found->second.max_sessions == 0) return {};
  std::vector<std::pair<Key, Entry*>> confirmed;
  for (auto& [key, entry] : found->second.entries) {
    if (entry.confirmed) confirmed.emplace_back(key, &entry);
  }
  if (confirmed.size() <= found->second.max_sessions) return {};
  // Every gateway puts them into the same order.
  std::ranges::sort(confirmed, {}, [&state](const auto& each) {
    const auto& [key, entry] = each;
    return std::tuple{entry->began, std::string_view{state->servers.at(key.server)}, key.cid};
  });
  std::vector<Session> list;
  for (std::size_t i = found->second.max_sessions; i < confirmed.size(); ++i) {
    const auto& [key, entry] = confirmed[i];
    if (entry->known_since < settled || std::exchange(entry->closing, true)) continue;
    list.push_back(state->session_of(found->first, key, *entry));
  }
  return list;
}

}  // namespace gateway
