#include "gateway/sessions/session_table.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gateway {
namespace {

constexpr std::size_t kClosed = 8192;
constexpr std::chrono::hours kLeafnodes{1};

}  // namespace

// A cluster has few servers, and one that restarts has a new id.
std::uint32_t SessionTable::server_index(std::string_view id) {
  const auto known = std::ranges::find(servers_, id);
  const auto index = static_cast<std::uint32_t>(known - servers_.begin());
  if (known == servers_.end()) servers_.emplace_back(id);
  return index;
}

bool SessionTable::admit(const Session& connection, std::uint32_t most, auth::Instant settled) {
  const std::lock_guard lock{mutex_};
  All& all = by_credential_[connection.credential];
  all.most = most;
  const auto counts = [settled](const auto& entry) {
    return entry.second.seen || entry.second.met >= settled;
  };
  if (all.connections.size() >= all.tidy_at) {
    count_ -= std::erase_if(all.connections, [&](const auto& entry) {
      const bool old = !entry.second.leafnode || entry.second.met < settled - kLeafnodes;
      return old && !counts(entry);
    });
    all.tidy_at = std::max(kFirstTidy, 2 * all.connections.size());
  }
  if (most > 0 && std::cmp_greater_equal(std::ranges::count_if(all.connections, counts), most))
    return false;
  const auto [entry, is_new] = all.connections.insert_or_assign(
      At{server_index(connection.server_id), connection.cid},
      One{.began = connection.began, .met = connection.began, .leafnode = connection.leafnode});
  if (is_new) ++count_;
  return true;
}

void SessionTable::add(const Session& connection, std::optional<auth::Instant> met) {
  const std::lock_guard lock{mutex_};
  const At at{server_index(connection.server_id), connection.cid};
  if (closed_.contains(at)) return;
  const auto [entry, is_new] = by_credential_[connection.credential].connections.try_emplace(at);
  One& one = entry->second;
  if (is_new) {
    ++count_;
    one.met = met.value_or(connection.began);
  }
  one.began = connection.began;
  one.leafnode = one.leafnode || connection.leafnode;
  one.seen = true;
}

// A server does not give a number twice.
void SessionTable::note_closed(const At& at) {
  if (!closed_.insert(at).second) return;
  closed_in_order_.push_back(at);
  if (closed_in_order_.size() <= kClosed) return;
  closed_.erase(closed_in_order_.front());
  closed_in_order_.pop_front();
}

void SessionTable::remove(const Session& connection) {
  const std::lock_guard lock{mutex_};
  const At at{server_index(connection.server_id), connection.cid};
  note_closed(at);
  const auto found = by_credential_.find(connection.credential);
  if (found == by_credential_.end()) return;
  count_ -= found->second.connections.erase(at);
  if (found->second.connections.empty()) by_credential_.erase(found);
}

void SessionTable::remove_server(std::string_view server_id) {
  const std::lock_guard lock{mutex_};
  const std::uint32_t server = server_index(server_id);
  for (auto& [credential, all] : by_credential_) {
    count_ -= std::erase_if(all.connections,
                            [server](const auto& entry) { return entry.first.server == server; });
  }
  std::erase_if(by_credential_, [](const auto& entry) { return entry.second.connections.empty(); });
}

void SessionTable::keep_only(All& all, std::uint32_t server, const Named& named,
                             auth::Instant settled) {
  count_ -= std::erase_if(all.connections, [&](const auto& entry) {
    const auto& [at, one] = entry;
    const bool nameable = named.leafnodes || !one.leafnode;
    return at.server == server && nameable && one.met < settled && !named.cids.contains(at.cid);
  });
}

void SessionTable::keep_only(std::string_view server_id, std::string_view credential,
                             const Named& named, auth::Instant settled) {
  const std::lock_guard lock{mutex_};
  const std::uint32_t server = server_index(server_id);
  if (credential.empty()) {
    for (auto& [id, all] : by_credential_)
      keep_only(all, server, named, settled);
    std::erase_if(by_credential_,
                  [](const auto& entry) { return entry.second.connections.empty(); });
    return;
  }
  const auto found = by_credential_.find(credential);
  if (found == by_credential_.end()) return;
  keep_only(found->second, server, named, settled);
  if (found->second.connections.empty()) by_credential_.erase(found);
}

void SessionTable::allow(std::string_view credential, std::uint32_t most) {
  const std::lock_guard lock{mutex_};
  const auto found = by_credential_.find(credential);
  if (found != by_credential_.end()) found->second.most = most;
}

std::vector<Session> SessionTable::of(std::string_view credential) const {
  const std::lock_guard lock{mutex_};
  const auto found = by_credential_.find(credential);
  if (found == by_credential_.end()) return {};
  std::vector<Session> list;
  for (const auto& [at, one] : found->second.connections)
    list.push_back({servers_.at(at.server), at.cid, found->first, one.began, one.leafnode});
  return list;
}

bool SessionTable::has_too_many(std::string_view credential) const {
  const std::lock_guard lock{mutex_};
  const auto found = by_credential_.find(credential);
  if (found == by_credential_.end() || found->second.most == 0) return false;
  const auto seen = std::ranges::count_if(found->second.connections,
                                          [](const auto& entry) { return entry.second.seen; });
  return static_cast<std::size_t>(seen) > found->second.most;
}

std::vector<Session> SessionTable::take_too_many(std::string_view credential,
                                                 auth::Instant settled) {
  const std::lock_guard lock{mutex_};
  const auto found = by_credential_.find(credential);
  if (found == by_credential_.end() || found->second.most == 0) return {};
  std::vector<std::pair<At, One*>> seen;
  for (auto& [at, one] : found->second.connections) {
    if (one.seen) seen.emplace_back(at, &one);
  }
  if (seen.size() <= found->second.most) return {};
  // Every gateway puts them into the same order.
  std::ranges::sort(seen, {}, [this](const auto& entry) {
    const auto& [at, one] = entry;
    return std::tuple{one->began, std::string_view{servers_.at(at.server)}, at.cid};
  });
  std::vector<Session> list;
  for (std::size_t i = found->second.most; i < seen.size(); ++i) {
    const auto& [at, one] = seen[i];
    if (one->met < settled || std::exchange(one->closing, true)) continue;
    list.push_back({servers_.at(at.server), at.cid, found->first, one->began, one->leafnode});
  }
  return list;
}

}  // namespace gateway
