#pragma once
// The newest entry of the journal, and whether an entry that was noted is still in it.

#include <cstdint>

#include "store/journal_chain.h"

namespace auth {
class MasterKey;
}

namespace store {

struct Tables;
class Txn;

// Sequence 0 while the journal is empty.
Head newest_head(const Txn& txn, const Tables& tables, const auth::MasterKey& key);

enum class NotedHead : std::uint8_t {
  there,
  missing,  // the journal ends before it
  altered,  // another entry, or none, has its sequence
};

// `noted`: hashed with `key`; with sequence 0 it is always there. Where it was pruned with what
// came before it, the entry after it tells its hash; where that was pruned too, it counts as there:
// the journal only grows, so a journal that was taken back is one that ends too early.
NotedHead look_for(const Head& noted, const Txn& txn, const Tables& tables,
                   const auth::MasterKey& key);

}  // namespace store
