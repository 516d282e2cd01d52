#pragma once
// How much one admin may write into the journal over NATS. The journal only grows: an admin of one
// account could fill the store for everybody.

#include <cstddef>
#include <optional>

#include "store/change_rules.h"

namespace store {

struct Tables;
class WriteTxn;

// Bytes of journal entries that one actor may write in an hour.
inline constexpr std::size_t kJournalBudget = std::size_t{16} << 20;

// Counts `bytes` of entries against the budget of the intent's actor, where the intent is metered.
// Refused: over_budget. To revoke costs nothing, as it is done once. To suspend is counted, since
// it can be done again after each `resume`, and is never refused.
std::optional<Refused> charge(WriteTxn& txn, const Tables& tables, const Intent& intent,
                              std::size_t bytes);

}  // namespace store
