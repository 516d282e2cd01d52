#include "gateway/throttle.h"

#include <algorithm>
#include <tuple>

#include "gateway/log.h"

namespace gateway {
namespace {

constexpr std::size_t kNetworkBytes = 8;  // of IPv6: whoever has one address has a /64 of them

auth::Address network_of(const auth::Address& address) {
  auth::Address network = address;
  if (!auth::is_ipv4(address)) std::fill(network.begin() + kNetworkBytes, network.end(), 0);
  return network;
}

Guess source_alone(const Guess& key) {
  return {key.source, false, ""};
}

// "192.0.2.1", "2001:db8::/64"; of an exempt source "2001:db8::7".
std::string text_of(const auth::Address& source) {
  const bool network = !auth::is_ipv4(source) && network_of(source) == source;
  return network ? auth::write_cidr({source, 8 * kNetworkBytes}) : auth::write_address(source);
}

std::string shown(const Guess& who) {
  return who.token ? "" : who.login;
}

void tell_throttling(const Guess& who, const char* by) {
  log(Level::warning, "throttling",
      {{"by", by}, {"source", text_of(who.source)}, {"id", shown(who)}});
}

Throttle::Clock::duration each_of(const ThrottleLimits& limits, std::uint32_t limit) {
  return Throttle::Clock::duration{limits.window} / limit;
}

}  // namespace

Throttle::Entry* Throttle::Table::find(const Guess& key) {
  const auto at = entries_.find(key);
  return at == entries_.end() ? nullptr : &at->second;
}

void Throttle::Table::set(const Guess& key, Clock::time_point at) {
  const auto known = entries_.find(key);
  if (known == entries_.end() && entries_.size() >= kMost) erase_first();
  const auto entry = entries_.try_emplace(key).first;
  by_time_.erase({entry->second.at, &entry->first});
  entry->second.at = at;
  by_time_.emplace(at, &entry->first);
}

void Throttle::Table::erase_first() {
  erase(entries_.find(*by_time_.begin()->second));
}

void Throttle::Table::erase(std::map<Guess, Entry>::iterator entry) {
  by_time_.erase({entry->second.at, &entry->first});
  entries_.erase(entry);
}

void Throttle::Table::forget(Clock::time_point until) {
  while (!by_time_.empty() && by_time_.begin()->first <= until)
    erase_first();
}

// An address stands for its network too, whose failures are all that there is.
std::size_t Throttle::Table::erase_inside(const std::optional<auth::Cidr>& sources) {
  const std::size_t before = entries_.size();
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    const auth::Address& source = entry->first.source;
    if (!sources || auth::contains(*sources, source) || network_of(sources->address) == source) {
      erase(entry);
    }
    entry = next;
  }
  return before - entries_.size();
}

void Throttle::set(ThrottleConfig config) {
  const std::lock_guard lock{mutex_};
  if (config.limits != config_.limits) {
    sources_ = {};
    logins_ = {};
  }
  config_ = std::move(config);
}

bool Throttle::exempt(const auth::Address& source) const {
  return std::ranges::any_of(config_.exempt,
                             [&](const auth::Cidr& cidr) { return auth::contains(cidr, source); });
}

// A source that is exempt is no part of its network.
Guess Throttle::key_of(const Guess& guess) const {
  if (exempt(guess.source)) return guess;
  return {network_of(guess.source), guess.token, guess.login};
}

// One more failure must be forgotten within the window.
Throttle::Clock::duration Throttle::wait(const Entry& entry, std::uint32_t limit,
                                         Clock::time_point now) const {
  if (limit == 0) return {};
  const auto over = entry.at + each_of(config_.limits, limit) - now - config_.limits.window;
  return std::max(over, Clock::duration{});
}

Throttle::Entry* Throttle::against(Table& table, const Guess& key, std::uint32_t limit,
                                   Clock::time_point now) const {
  Entry* entry = table.find(key);
  const bool over = entry != nullptr && wait(*entry, limit, now) > Clock::duration{};
  return over ? entry : nullptr;
}

Throttle::Standing Throttle::standing(const Guess& guess, Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  const Guess key = key_of(guess);
  const bool known = known_.find(key) != nullptr;
  Entry* const by_login = against(logins_, key, config_.limits.login, now);
  // Nobody is refused there, but who guesses another's login does it among the strangers.
  if (exempt(key.source)) {
    return known && by_login == nullptr ? Standing::known : Standing::stranger;
  }
  Entry* held = by_login;
  if (held == nullptr && !known) {
    held = against(sources_, source_alone(key), config_.limits.source, now);
  }
  if (held == nullptr) return known ? Standing::known : Standing::stranger;
  if (held->refused++ == 0) tell_throttling(key, held == by_login ? "login" : "source");
  return Standing::refused;
}

void Throttle::charge(Table& table, const Guess& key, std::uint32_t limit,
                      Clock::time_point now) const {
  table.forget(now);
  if (limit == 0) return;
  const Entry* entry = table.find(key);
  const auto from = entry == nullptr ? now : std::max(entry->at, now);
  table.set(key, from + each_of(config_.limits, limit));
}

void Throttle::failed(const Guess& guess, Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  const Guess key = key_of(guess);
  charge(logins_, key, config_.limits.login, now);
  if (!exempt(key.source)) charge(sources_, source_alone(key), config_.limits.source, now);
}

// What failed before is not forgiven: who guesses beside a client that logs in all the time would
// begin anew with each of its logins.
void Throttle::proved(const Guess& guess, Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  known_.set(key_of(guess), now);
}

Throttle::Failures Throttle::failures(const Guess& key, const Entry& entry, bool of_login,
                                      Clock::time_point now) const {
  const std::uint32_t limit = of_login ? config_.limits.login : config_.limits.source;
  const Clock::duration left = entry.at - now;
  const Clock::duration each = each_of(config_.limits, std::max(limit, 1U));
  return {.source = text_of(key.source),
          .login = of_login ? std::optional{shown(key)} : std::nullopt,
          .count = static_cast<std::uint64_t>((left + each - Clock::duration{1}) / each),
          .refused = entry.refused,
          .wait = exempt(key.source) ? Clock::duration{} : wait(entry, limit, now)};
}

std::vector<Throttle::Failures> Throttle::list(Clock::time_point now) const {
  std::vector<Failures> list;
  {
    const std::lock_guard lock{mutex_};
    for (const auto* table : {&sources_, &logins_}) {
      for (const auto& [key, entry] : table->all()) {
        if (entry.at > now) list.push_back(failures(key, entry, table == &logins_, now));
      }
    }
  }
  const auto weight = [](const Failures& one) {
    return std::tuple{one.wait > Clock::duration{}, one.count};
  };
  std::ranges::stable_sort(list, std::greater{}, weight);
  return list;
}

Throttle::Refused Throttle::refused(Clock::time_point now) const {
  Refused refused;
  for (const Failures& one : list(now)) {
    if (one.wait > Clock::duration{}) ++(one.login ? refused.logins : refused.sources);
  }
  return refused;
}

std::size_t Throttle::clear(const std::optional<auth::Cidr>& sources) {
  const std::lock_guard lock{mutex_};
  return sources_.erase_inside(sources) + logins_.erase_inside(sources);
}

}  // namespace gateway
