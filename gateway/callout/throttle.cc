#include "gateway/callout/throttle.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using Clock = Throttle::Clock;

constexpr std::size_t kNetworkBytes = 8;  // of IPv6: whoever has one address has a /64 of them
constexpr Clock::duration kNow{};

auth::Address network_of(const auth::Address& address) {
  auth::Address network = address;
  if (!auth::is_ipv4(address)) std::fill(network.begin() + kNetworkBytes, network.end(), 0);
  return network;
}

Guess source_alone(const Guess& key) {
  return {key.source, false, ""};
}

std::string text_of(const auth::Address& network) {
  return auth::is_ipv4(network) ? auth::write_address(network)
                                : auth::write_cidr({network, 8 * kNetworkBytes});
}

std::string shown(const Guess& who) {
  return who.token ? "" : who.login;
}

Clock::duration each_of(const ThrottleConfig& config, std::uint32_t limit) {
  return Clock::duration{config.window} / limit;
}

// How long until one more failure stays within `limit` of them, where all are forgotten in `left`.
Clock::duration over(Clock::duration left, Clock::duration each, std::uint32_t limit) {
  return std::max(left + each - limit * each, kNow);
}

}  // namespace

Guess within_network(const Guess& guess) {
  return {network_of(guess.source), guess.token, guess.login};
}

Throttle::Entry* Throttle::Table::find(const Guess& key, Clock::time_point now) {
  const auto at = entries_.find(key);
  if (at == entries_.end()) return nullptr;
  if (at->second.keep <= now) {
    erase(at);
    return nullptr;
  }
  touch(at);
  return &at->second;
}

Throttle::Entry& Throttle::Table::use(const Guess& key) {
  const auto entry = entries_.try_emplace(key).first;
  touch(entry);
  if (entries_.size() > kMaxEntries) erase(entries_.find(*by_use_.begin()->second));
  return entry->second;
}

void Throttle::Table::touch(Entries::iterator entry) {
  by_use_.erase({entry->second.use, &entry->first});
  entry->second.use = ++uses_;
  by_use_.emplace(entry->second.use, &entry->first);
}

void Throttle::Table::erase(Entries::iterator entry) {
  by_use_.erase({entry->second.use, &entry->first});
  entries_.erase(entry);
}

std::size_t Throttle::Table::erase_inside(const std::optional<auth::Cidr>& sources,
                                          Clock::time_point now) {
  std::size_t erased = 0;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    const auth::Address& source = entry->first.source;
    if (!sources || auth::contains(*sources, source) || network_of(sources->address) == source) {
      if (entry->second.until > now) ++erased;
      erase(entry);
    }
    entry = next;
  }
  return erased;
}

void Throttle::set(ThrottleConfig config) {
  const std::lock_guard lock{mutex_};
  if (config == config_) return;
  for (Table* table : {&sources_, &logins_, &tokens_})
    *table = {};
  config_ = std::move(config);
}

bool Throttle::exempt(const Guess& guess) const {
  return std::ranges::any_of(
      config_.exempt, [&](const auth::Cidr& cidr) { return auth::contains(cidr, guess.source); });
}

Throttle::Clock::duration Throttle::wait(const Entry& entry, std::uint32_t limit,
                                         Clock::time_point now) const {
  if (limit == 0) return kNow;
  return over(entry.until - now, each_of(config_, limit), limit);
}

Throttle::Held Throttle::against(const Guess& key, Clock::time_point now) {
  Entry* const login = of_logins(key).find(key, now);
  if (login != nullptr) login->keep = now + config_.window;
  if (login != nullptr && wait(*login, config_.login, now) > kNow) return {login, true};
  if (config_.source == 0) return {};
  if (config_.login != 0 && known_.find(key, now) != nullptr) return {};
  Entry* const source = sources_.find(source_alone(key), now);
  if (source == nullptr) return {};
  // Half is for those that have not failed.
  const std::uint32_t limit = login == nullptr ? config_.source : (config_.source + 1) / 2;
  const auto left = source->until - now;
  if (over(left, each_of(config_, config_.source), limit) == kNow) return {};
  return {source, false};
}

Throttle::Clock::duration Throttle::known_on_disk(const Guess& key) const {
  const auto use = last_use_(key);
  const auto from = use ? auth::read_address(use->last_used_from) : std::nullopt;
  if (!from || network_of(*from) != key.source) return kNow;
  const auto ago = std::max(now_in_seconds() - use->last_used_at, std::chrono::seconds{0});
  return ago < kKnownFor ? kKnownFor - ago : kNow;
}

Throttle::Verdict Throttle::check(const Guess& guess, Clock::time_point now) {
  const Guess key = within_network(guess);
  std::unique_lock lock{mutex_};
  if (exempt(guess)) return Verdict::allowed_unknown;
  Held held = against(key, now);
  if (last_use_ && !held.by_login && known_.find(key, now) == nullptr) {
    lock.unlock();
    const Clock::duration known_for = known_on_disk(key);
    lock.lock();
    if (known_for > kNow) known_.use(key).keep = now + known_for;
    held = against(key, now);  // of before the lock was left, it may be gone
  }
  if (held.entry == nullptr) {
    return known_.find(key, now) == nullptr ? Verdict::allowed_unknown : Verdict::allowed_known;
  }
  const bool first = held.entry->refused++ == 0;
  lock.unlock();  // nobody waits for the log
  if (first) {
    log(Level::warning, "throttling",
        {{"by", held.by_login ? "login" : "source"},
         {"source", text_of(key.source)},
         {"id", shown(key)}});
  }
  return Verdict::throttled;
}

// Never further than the window: what is not refused for it may still be charged.
void Throttle::charge(Table& table, const Guess& key, std::uint32_t limit,
                      Clock::time_point now) const {
  if (limit == 0) return;
  Entry& entry = table.use(key);
  entry.until =
      std::min(std::max(entry.until, now) + each_of(config_, limit), now + config_.window);
  entry.keep = now + config_.window;
}

void Throttle::failed(const Guess& guess, Clock::time_point now) {
  const Guess key = within_network(guess);
  const std::lock_guard lock{mutex_};
  if (exempt(guess)) return;
  charge(of_logins(key), key, config_.login, now);
  const bool known = config_.login != 0 && known_.find(key, now) != nullptr;
  if (!known) charge(sources_, source_alone(key), config_.source, now);
}

// What failed before is not forgiven: who guesses beside a client that logs in all the time would
// begin anew with each of its logins.
void Throttle::proved(const Guess& guess, Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  if (!exempt(guess)) known_.use(within_network(guess)).keep = now + kKnownFor;
}

std::vector<Throttle::Failures> Throttle::list(Clock::time_point now) const {
  struct Row {
    std::uint32_t limit;
    bool of_login;
    Guess key;
    Entry entry;
  };
  std::vector<Row> rows;
  std::unique_lock lock{mutex_};
  const ThrottleConfig config = config_;
  const auto add = [&](const Table& table, std::uint32_t limit, bool of_login) {
    for (const auto& [key, entry] : table.all()) {
      if (entry.until > now) rows.push_back({limit, of_login, key, entry});
    }
  };
  add(sources_, config.source, false);
  add(logins_, config.login, true);
  add(tokens_, config.login, true);
  lock.unlock();

  std::vector<Failures> list;
  for (const auto& [limit, of_login, key, entry] : rows) {
    const auto each = each_of(config, limit);
    const auto left = entry.until - now;
    list.push_back({.source = text_of(key.source),
                    .login = of_login ? std::optional{shown(key)} : std::nullopt,
                    .count = static_cast<std::uint64_t>((left + each - Clock::duration{1}) / each),
                    .refused = entry.refused,
                    .wait = over(left, each, limit)});
  }
  std::ranges::stable_sort(list, std::greater{}, [](const Failures& one) {
    return std::tuple{one.wait > kNow, one.count};
  });
  return list;
}

Throttle::Refused Throttle::refused(Clock::time_point now) const {
  const std::lock_guard lock{mutex_};
  const auto count = [&](const Table& table, std::uint32_t limit) {
    return static_cast<std::size_t>(std::ranges::count_if(
        table.all(), [&](const auto& one) { return wait(one.second, limit, now) > kNow; }));
  };
  return {.sources = count(sources_, config_.source),
          .logins = count(logins_, config_.login) + count(tokens_, config_.login)};
}

std::size_t Throttle::clear(const std::optional<auth::Cidr>& sources, Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  std::size_t cleared = 0;
  for (Table* table : {&sources_, &logins_, &tokens_})
    cleared += table->erase_inside(sources, now);
  return cleared;
}

}  // namespace gateway
