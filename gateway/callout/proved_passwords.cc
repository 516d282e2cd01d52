#include "gateway/callout/proved_passwords.h"

#include <algorithm>
#include <cstring>

#include "gateway/platform/random.h"

namespace gateway {

std::size_t ProvedPasswords::FirstBytes::operator()(const auth::Hash32& hash) const {
  std::size_t first = 0;
  std::memcpy(&first, hash.data(), sizeof first);
  return first;
}

ProvedPasswords::ProvedPasswords() : key_(random_bytes<32>()) {}

std::optional<ProvedPasswords::Proved> ProvedPasswords::find(std::string_view login,
                                                             std::string_view password,
                                                             Clock::time_point now) const {
  const auth::Hash32 hash = key_.hash_secret(login, password);
  const auto table = table_.lock();
  const auto entry = table->find(hash);
  if (entry == table->end() || entry->second.until <= now) return std::nullopt;
  return entry->second.proved;
}

// A look at every entry is little beside the hash that each call has cost.
void ProvedPasswords::remember(std::string_view login, std::string_view password, Proved proved,
                               Clock::time_point now) {
  const auth::Hash32 hash = key_.hash_secret(login, password);
  const auto table = table_.lock();
  std::erase_if(*table, [&](const auto& one) { return one.second.until <= now; });
  if (table->size() >= kMaxEntries) {
    table->erase(
        std::ranges::min_element(*table, {}, [](const auto& one) { return one.second.until; }));
  }
  table->insert_or_assign(hash, Entry{std::move(proved), now + kKeptFor});
}

}  // namespace gateway
