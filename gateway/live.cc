#include "gateway/live.h"

#include <algorithm>
#include <tuple>

namespace gateway {

// A cluster has few servers, and one that restarts has a new id.
std::uint32_t Live::server_index(std::string_view id) {
  const auto known = std::ranges::find(servers_, id);
  const auto index = static_cast<std::uint32_t>(known - servers_.begin());
  if (known == servers_.end()) servers_.emplace_back(id);
  return index;
}

bool Live::admit(const Connected& connection, std::uint32_t most, auth::Instant settled) {
  const std::lock_guard lock{mutex_};
  All& all = by_credential_[connection.credential];
  all.most = most;
  if (most > 0) {
    std::erase_if(all.connections, [settled](const auto& entry) {
      const One& one = entry.second;
      return !one.seen && !one.leafnode && one.began < settled;
    });
    if (all.connections.size() >= most) return false;
  }
  all.connections.insert_or_assign(At{server_index(connection.server_id), connection.cid},
                                   One{.began = connection.began, .leafnode = connection.leafnode});
  return true;
}

void Live::add(const Connected& connection) {
  const std::lock_guard lock{mutex_};
  One& one = by_credential_[connection.credential]
                 .connections[At{server_index(connection.server_id), connection.cid}];
  one.began = connection.began;
  one.leafnode = one.leafnode || connection.leafnode;
  one.seen = true;
}

void Live::remove(const Connected& connection) {
  const std::lock_guard lock{mutex_};
  const auto found = by_credential_.find(connection.credential);
  if (found == by_credential_.end()) return;
  found->second.connections.erase({server_index(connection.server_id), connection.cid});
  if (found->second.connections.empty()) by_credential_.erase(found);
}

void Live::remove_server(std::string_view server_id) {
  const std::lock_guard lock{mutex_};
  const std::uint32_t server = server_index(server_id);
  for (auto& [credential, all] : by_credential_) {
    std::erase_if(all.connections,
                  [server](const auto& entry) { return entry.first.server == server; });
  }
  std::erase_if(by_credential_, [](const auto& entry) { return entry.second.connections.empty(); });
}

void Live::keep_only(std::string_view server_id, std::string_view credential,
                     const std::set<std::uint64_t>& cids, auth::Instant settled) {
  const std::lock_guard lock{mutex_};
  const auto found = by_credential_.find(credential);
  if (found == by_credential_.end()) return;
  const std::uint32_t server = server_index(server_id);
  std::erase_if(found->second.connections, [&](const auto& entry) {
    const auto& [at, one] = entry;
    return at.server == server && !one.leafnode && one.began < settled && !cids.contains(at.cid);
  });
  if (found->second.connections.empty()) by_credential_.erase(found);
}

std::vector<Connected> Live::of(std::string_view credential) const {
  const std::lock_guard lock{mutex_};
  const auto found = by_credential_.find(credential);
  if (found == by_credential_.end()) return {};
  std::vector<Connected> list;
  for (const auto& [at, one] : found->second.connections)
    list.push_back({servers_.at(at.server), at.cid, found->first, one.began, one.leafnode});
  return list;
}

std::vector<Connected> Live::too_many(std::string_view credential) const {
  const std::lock_guard lock{mutex_};
  const auto found = by_credential_.find(credential);
  if (found == by_credential_.end() || found->second.most == 0) return {};
  std::vector<Connected> list;
  for (const auto& [at, one] : found->second.connections) {
    if (one.seen)
      list.push_back({servers_.at(at.server), at.cid, found->first, one.began, one.leafnode});
  }
  // Every gateway puts them into the same order.
  std::ranges::sort(list, {}, [](const Connected& one) {
    return std::tuple{one.began, std::string_view{one.server_id}, one.cid};
  });
  const std::size_t kept = std::min<std::size_t>(found->second.most, list.size());
  list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(kept));
  return list;
}

std::size_t Live::size() const {
  const std::lock_guard lock{mutex_};
  std::size_t count = 0;
  for (const auto& [credential, all] : by_credential_)
    count += all.connections.size();
  return count;
}

}  // namespace gateway
