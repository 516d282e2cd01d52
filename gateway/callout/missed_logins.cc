#include "gateway/callout/missed_logins.h"

#include <array>
#include <string_view>

#include <sodium.h>

#include "auth/base/bytes.h"
#include "gateway/callout/throttle.h"
#include "gateway/platform/random.h"

namespace gateway {
namespace {

using HashKey = std::array<std::uint8_t, crypto_shorthash_KEYBYTES>;

std::uint64_t hash(const HashKey& key, auth::Bytes bytes) {
  std::uint64_t result = 0;
  static_assert(sizeof result == crypto_shorthash_BYTES);
  crypto_shorthash(reinterpret_cast<unsigned char*>(&result), bytes.data(), bytes.size(),
                   key.data());
  return result;
}

// The hash of the parts' hashes: no two lists of parts run into each other.
LoginKey key_of(const HashKey& key, std::string_view host,
                const std::array<std::string_view, 4>& presented) {
  std::array<std::uint64_t, 5> hashes{hash(key, auth::bytes_of(host))};
  for (std::size_t i = 0; i < presented.size(); ++i)
    hashes.at(i + 1) = hash(key, auth::bytes_of(presented.at(i)));
  const auto address = auth::read_address(host).value_or(auth::Address{});
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(hashes.data());
  return {within_network({.source = address, .token = false, .login = ""}).source,
          hash(key, {bytes, sizeof hashes})};
}

}  // namespace

MissedLogins::MissedLogins() : hash_key_(random_bytes<crypto_shorthash_KEYBYTES>()) {}

LoginKey MissedLogins::key(const auth::PeekedRequest& request) const {
  return key_of(hash_key_, request.host,
                {request.user, request.nkey, request.auth_token.view(), request.jwt.view()});
}

void MissedLogins::State::leave_order(const Entries::value_type& entry) {
  const auto& [key, times] = entry;
  by_until.erase({times.until, key});
  const auto network = networks.find(key.network);
  by_size.erase({network->second.size(), key.network});
  network->second.erase({times.until, key.login});
  if (network->second.empty()) {
    networks.erase(network);
  } else {
    by_size.insert({network->second.size(), key.network});
  }
}

void MissedLogins::State::enter_order(const Entries::value_type& entry) {
  const auto& [key, times] = entry;
  by_until.insert({times.until, key});
  auto& network = networks[key.network];
  if (!network.empty()) by_size.erase({network.size(), key.network});
  network.insert({times.until, key.login});
  by_size.insert({network.size(), key.network});
}

void MissedLogins::State::erase(Entries::iterator entry) {
  leave_order(*entry);
  entries.erase(entry);
}

void MissedLogins::State::erase_expired(Clock::time_point now) {
  while (!by_until.empty() && by_until.begin()->first <= now)
    erase(entries.find(by_until.begin()->second));
}

void MissedLogins::add(const LoginKey& key, Clock::time_point now) {
  const auto state = state_.lock();
  state->erase_expired(now);
  const auto [entry, added] = state->entries.try_emplace(key, Entry{now, now});
  if (!added) state->leave_order(*entry);
  entry->second.until = now + kKeptFor;
  state->enter_order(*entry);
  if (state->entries.size() > kMaxEntries) {
    const auth::Address largest = state->by_size.rbegin()->second;
    const std::uint64_t oldest = state->networks.at(largest).begin()->second;
    state->erase(state->entries.find({largest, oldest}));
  }
  size_ = state->entries.size();
}

void MissedLogins::answered(const LoginKey& key, Clock::time_point now) {
  const auto state = state_.lock();
  state->erase_expired(now);
  const auto entry = state->entries.find(key);
  if (entry != state->entries.end()) entry->second.since = now;
  size_ = state->entries.size();
}

std::optional<MissedLogins::Clock::time_point> MissedLogins::since(const LoginKey& key,
                                                                   Clock::time_point now) const {
  const auto state = state_.lock();
  const auto entry = state->entries.find(key);
  if (entry == state->entries.end() || entry->second.until <= now) return std::nullopt;
  return entry->second.since;
}

}  // namespace gateway
