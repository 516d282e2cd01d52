#include "gateway/live.h"

#include <algorithm>

namespace gateway {

// A cluster has few servers, and one that restarts has a new id.
std::uint32_t Live::server_index(std::string_view id) {
  const auto known = std::ranges::find(servers_, id);
  const auto index = static_cast<std::uint32_t>(known - servers_.begin());
  if (known == servers_.end()) servers_.emplace_back(id);
  return index;
}

void Live::add(const Connected& connection) {
  const std::lock_guard lock{mutex_};
  by_credential_[connection.credential].insert(
      {server_index(connection.server_id), connection.cid});
}

void Live::remove(const Connected& connection) {
  const std::lock_guard lock{mutex_};
  const auto found = by_credential_.find(connection.credential);
  if (found == by_credential_.end()) return;
  found->second.erase({server_index(connection.server_id), connection.cid});
  if (found->second.empty()) by_credential_.erase(found);
}

void Live::remove_server(std::string_view server_id) {
  const std::lock_guard lock{mutex_};
  const std::uint32_t server = server_index(server_id);
  for (auto& [credential, connections] : by_credential_)
    std::erase_if(connections, [server](const At& at) { return at.server == server; });
  std::erase_if(by_credential_, [](const auto& entry) { return entry.second.empty(); });
}

std::vector<Connected> Live::of(std::string_view credential) const {
  const std::lock_guard lock{mutex_};
  const auto found = by_credential_.find(credential);
  if (found == by_credential_.end()) return {};
  std::vector<Connected> list;
  for (const At& at : found->second)
    list.push_back({servers_.at(at.server), at.cid, found->first});
  return list;
}

std::size_t Live::size() const {
  const std::lock_guard lock{mutex_};
  std::size_t count = 0;
  for (const auto& [credential, connections] : by_credential_)
    count += connections.size();
  return count;
}

}  // namespace gateway
