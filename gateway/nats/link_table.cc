#include "gateway/nats/link_table.h"

#include <algorithm>
#include <utility>

#include "gateway/config/server_urls.h"

namespace gateway {
namespace {

template <class Addresses>
bool another_has(const Addresses& addresses, const std::string& url, const std::string& server_id) {
  return std::ranges::any_of(addresses, [&](const auto& entry) {
    return entry.first != url && entry.second.has_link && entry.second.server_id == server_id;
  });
}

}  // namespace

LinkTable::LinkTable(const std::vector<std::string>& configured, bool discovers)
    : configured_(configured), discovers_(discovers) {
  for (const std::string& url : configured)
    addresses_.lock()->try_emplace(url, Address{.configured = true});
}

std::vector<std::string> LinkTable::wanted() const {
  std::vector<std::string> urls;
  for (const auto& [url, address] : *addresses_.lock())
    urls.push_back(url);
  return urls;
}

bool LinkTable::wants(const std::string& url) const {
  return addresses_.lock()->contains(url);
}

bool LinkTable::claim(const std::string& url, const std::string& server_id) {
  const auto addresses = addresses_.lock();
  const auto found = addresses->find(url);
  if (found == addresses->end()) return false;
  Address& address = found->second;
  address.tried = true;
  address.server_id = server_id;
  address.has_link = !another_has(*addresses, url, server_id);
  return address.has_link;
}

bool LinkTable::stands_by(const Addresses& addresses, const std::string& url) {
  const auto found = addresses.find(url);
  if (found == addresses.end() || found->second.server_id.empty()) return false;
  return !found->second.has_link && another_has(addresses, url, found->second.server_id);
}

bool LinkTable::stands_by(const std::string& url) const {
  return stands_by(*addresses_.lock(), url);
}

void LinkTable::set_up(const std::string& url, auth::Time now) {
  const auto addresses = addresses_.lock();
  const auto found = addresses->find(url);
  if (found == addresses->end()) return;
  found->second.up = true;
  found->second.since = now;
  found->second.error.clear();
}

bool LinkTable::set_down(const std::string& url, const std::string& error, auth::Time now) {
  const auto addresses = addresses_.lock();
  const auto found = addresses->find(url);
  if (found == addresses->end()) return false;
  Address& address = found->second;
  const bool is_new = address.up || address.error != error;
  if (address.up || address.error.empty()) address.since = now;
  // What stood by may have the link now.
  const std::string server_id = address.has_link ? address.server_id : "";
  for (auto& [at, other] : *addresses) {
    if (server_id.empty() || other.server_id != server_id) continue;
    other.tried = false;
    other.server_id.clear();
  }
  if (server_id.empty()) address.tried = true;
  address.up = address.has_link = false;
  address.error = error;
  forget(*addresses);
  return is_new;
}

// While no server is up nobody says what there is, and all are tried that were there.
void LinkTable::forget(Addresses& addresses) {
  const auto is_up = [](const auto& entry) { return entry.second.up; };
  if (std::ranges::none_of(addresses, is_up)) return;
  for (auto& [url, address] : addresses) {
    if (!address.has_link) address.others.clear();
  }
  std::erase_if(addresses, [&](const auto& entry) {
    const auto says = [&](const auto& other) {
      return std::ranges::find(other.second.others, entry.first) != other.second.others.end();
    };
    const Address& address = entry.second;
    return !address.configured && !address.has_link && std::ranges::none_of(addresses, says);
  });
}

void LinkTable::discovered(const std::string& url, const std::vector<std::string>& others) {
  if (!discovers_) return;
  const bool tls = demands_tls(configured_);
  std::vector<std::string> read;
  for (const std::string& other : others) {
    const auto one = read_server_urls(other);
    if (!one || one->size() != 1 || read.size() == kMaxAddresses) continue;
    const std::string place = one->front().substr(one->front().find("://"));
    read.push_back((tls ? "tls" : "nats") + place);
  }
  std::ranges::sort(read);
  const auto addresses = addresses_.lock();
  const auto found = addresses->find(url);
  if (found == addresses->end() || found->second.others == read) return;
  found->second.others = read;
  forget(*addresses);
  for (const std::string& other : read) {
    if (addresses->size() < kMaxAddresses) addresses->try_emplace(other);
  }
}

void LinkTable::answered(const std::string& url, TimePoint asked) {
  const auto addresses = addresses_.lock();
  if (const auto found = addresses->find(url); found != addresses->end())
    found->second.answered = asked;
}

bool LinkTable::another_answered(const std::string& url, TimePoint asked) const {
  return std::ranges::any_of(*addresses_.lock(), [&](const auto& entry) {
    return entry.first != url && entry.second.up && entry.second.answered >= asked;
  });
}

bool LinkTable::another_up(const std::string& url) const {
  return std::ranges::any_of(
      *addresses_.lock(), [&](const auto& entry) { return entry.first != url && entry.second.up; });
}

std::string LinkTable::longest_up() const {
  const auto states = this->states();
  const auto first = std::ranges::min_element(
      states, {}, [](const LinkState& link) { return std::pair{!link.up, link.since}; });
  return first != states.end() && first->up ? first->url : "";
}

bool LinkTable::several() const {
  const auto addresses = addresses_.lock();
  const auto is_server = [&](const auto& entry) {
    const auto& [url, address] = entry;
    return address.has_link || (address.tried && !stands_by(*addresses, url));
  };
  return std::ranges::count_if(*addresses, is_server) > 1;
}

std::vector<LinkState> LinkTable::states() const {
  const auto addresses = addresses_.lock();
  std::vector<LinkState> states;
  const auto add = [&](const std::string& url, const Address& is) {
    if (!stands_by(*addresses, url))
      states.push_back({url, is.server_id, is.up, is.since, is.error});
  };
  for (const std::string& url : configured_)
    add(url, addresses->at(url));
  for (const auto& [url, address] : *addresses) {
    if (!address.configured) add(url, address);
  }
  return states;
}

}  // namespace gateway
