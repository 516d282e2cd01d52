#pragma once
// The newest entry of the journal, and whether an entry that was noted is still in it.

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/journal_chain.h"

namespace auth {
class MasterKey;
}

namespace store {

class Cursor;
struct Tables;
class Txn;

// Sequence 0 while the journal is empty. The newest row may be damaged.
Head newest_head(const Txn& txn, const Tables& tables, const auth::MasterKey& key);

// The same, for who relies on it. Throws Fault as newest_row() does.
Head sound_head(const Txn& txn, const Tables& tables, const auth::MasterKey& key);

// The newest row of the journal; absent while it is empty. Throws Fault unless it is an entry, and
// follows the row before it: rows of another table may have got into the journal's place.
struct NewestRow {
  std::uint64_t sequence = 0;
  std::string_view value;  // valid until the transaction ends or writes
};
std::optional<NewestRow> newest_row(Cursor& journal);

// The sequence of a row. Throws Fault unless it is an entry, and follows entry `before`: the
// journal grows at its end, and is pruned at its beginning. Absent: it is the first.
std::uint64_t check_row(std::string_view key, std::string_view value,
                        std::optional<std::uint64_t> before);

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
