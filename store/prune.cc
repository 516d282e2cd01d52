#include <algorithm>
#include <chrono>

#include "auth/base/time_format.h"
#include "auth/credential/master_key.h"
#include "store/anchor.h"
#include "store/journal_chain.h"
#include "store/limits.h"
#include "store/lmdb.h"
#include "store/store.h"
#include "store/tables.h"

namespace store {
namespace {

// The pages that a transaction frees are listed in pages that lie beside each other, which a map
// that is nearly full has few of.
constexpr std::uint64_t kMaxRemoved = 1000;

std::uint64_t oldest_of(const Txn& txn, const Tables& tables) {
  Cursor cursor{txn, tables.journal};
  const auto oldest = cursor.first();
  return oldest ? read_sequence_key(oldest->key) : 1;
}

std::uint64_t newest_of(const Txn& txn, const Tables& tables) {
  Cursor cursor{txn, tables.journal};
  const auto newest = cursor.last();
  return newest ? read_sequence_key(newest->key) : 0;
}

}  // namespace

// The entry after the last is in the check too: it says whether the last was altered.
Store::Prunable Store::prunable(auth::Time before) const {
  ChainCheck check{keys_, std::nullopt};
  Prunable found;
  bool older = true;
  {
    const ReadTxn txn{*env_};
    found.first = oldest_of(txn, *tables_);
    if (const auto anchor = find_anchor(txn, *tables_, keys_))
      check.begin_after(*anchor, found.first);
    found.through = found.first - 1;
  }
  while (older) {
    const ReadTxn txn{*env_};
    Cursor cursor{txn, tables_->journal};
    auto at = cursor.at_or_after(sequence_key(found.through + 1));
    if (!at) break;
    for (std::size_t seen = 0; at && older && seen < kPage; at = cursor.next(), ++seen) {
      const std::uint64_t sequence = read_sequence_key(at->key);
      check.add(sequence, at->value);
      const auto entry = read_entry(at->value);
      older = !entry || entry->at < before;
      if (older) found.through = sequence;
      if (older) continue;
      found.stopped = sequence;
      found.stopped_at = entry->at;
    }
  }
  found.whole = check.whole();
  found.faults = check.end();
  return found;
}

// LMDB uses a page again from the second commit on after the one that freed it. Where everything is
// refused for want of room there would never be one.
void Store::commit_again() {
  WriteTxn txn{*env_};
  const std::string bytes{txn.get(tables_->meta, "schema").value_or("")};
  txn.put(tables_->meta, "schema", bytes);
  commit(txn);
}

std::uint64_t Store::prune_some(std::uint64_t through, const std::optional<Intent>& note) {
  WriteTxn txn{*env_};
  check_newest(txn);
  const auto began = std::chrono::steady_clock::now();
  const std::uint64_t oldest = oldest_of(txn, *tables_);
  if (oldest > through) return oldest;
  if (note) {
    Entry entry{.at = note->at,
                .actor = note->actor,
                .action = Action::prune,
                .id = {},
                .revision = 0,
                .fields = {{"oldest", std::to_string(oldest), std::to_string(through + 1)}},
                .reason = note->reason};
    append(txn, *tables_, keys_.current(), std::move(entry));
  }
  const std::uint64_t end = std::min({through + 1, oldest + kMaxRemoved, newest_of(txn, *tables_)});
  std::uint64_t next = oldest;
  while (next < end && std::chrono::steady_clock::now() - began <= kMaxWrite)
    txn.remove(tables_->journal, sequence_key(next++));
  const auto bytes = txn.get(tables_->journal, sequence_key(next));
  const auto first = bytes ? read_entry(*bytes) : std::nullopt;
  if (!first) {
    throw Fault("store: entry " + std::to_string(next) +
                " of the journal cannot be read; see: credgate history --verify");
  }
  put_anchor(txn, *tables_, keys_.current(), {.sequence = next - 1, .hash = first->previous});
  commit(txn);
  if (next > through) commit_again();
  return next;
}

}  // namespace store
