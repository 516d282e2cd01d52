#include "store/journal_budget.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "auth/base/time_format.h"
#include "store/lmdb.h"
#include "store/tables.h"

namespace store {
namespace {

// The budget is used up by what is written, and comes back evenly within this time.
constexpr std::chrono::seconds kPeriod{3600};
// Two processes read the clock, and then wait for each other.
constexpr std::chrono::seconds kMaxWait{60};

std::string row_of(const std::string& actor) {
  return "journal.written." + actor;
}

std::uint64_t given_back(std::chrono::seconds time) {
  const auto seconds = static_cast<std::uint64_t>(std::clamp(time, {}, 1000 * kPeriod).count());
  return seconds * kJournalBudget / static_cast<std::uint64_t>(kPeriod.count());
}

// What counts as written at `now`. What was written later is from before the clock was set back.
std::uint64_t written(const Txn& txn, const Tables& tables, const std::string& row,
                      auth::Time now) {
  const auto bytes = txn.get(tables.meta, row);
  if (!bytes || bytes->size() != 2 * kSequenceBytes) return 0;
  const auth::Time at{std::chrono::seconds{static_cast<std::int64_t>(read_sequence_key(*bytes))}};
  if (at > now + kMaxWait) return 0;
  const std::uint64_t sum = read_sequence_key(bytes->substr(kSequenceBytes));
  return sum - std::min(sum, given_back(now - at));
}

}  // namespace

// Kept in the store, in the transaction of the change: several daemons share one budget, and a
// restart does not renew it.
std::optional<Refused> charge(WriteTxn& txn, const Tables& tables, const Intent& intent,
                              std::size_t bytes) {
  if (!intent.metered || intent.action == Action::revoke) return std::nullopt;
  const std::string row = row_of(intent.actor);
  const std::uint64_t sum = written(txn, tables, row, intent.at) + bytes;
  if (sum > kJournalBudget && intent.action != Action::suspend) {
    const std::uint64_t excess = sum - kJournalBudget;
    const std::chrono::seconds wait{
        excess * static_cast<std::uint64_t>(kPeriod.count()) / kJournalBudget + 1};
    return Refused{Refusal::over_budget,
                   intent.actor + " has written " + std::to_string(kJournalBudget >> 20) +
                       " MiB into the journal within an hour, the most that one admin may over "
                       "NATS; try again after " +
                       auth::write_time(intent.at + wait) +
                       ", or run the command on the gateway's machine"};
  }
  txn.put(tables.meta, row,
          sequence_key(static_cast<std::uint64_t>(intent.at.time_since_epoch().count())) +
              sequence_key(sum));
  return std::nullopt;
}

}  // namespace store
