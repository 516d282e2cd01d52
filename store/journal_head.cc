#include "store/journal_head.h"

#include "auth/credential/master_key.h"
#include "store/journal.h"
#include "store/lmdb.h"
#include "store/tables.h"

namespace store {
namespace {

// Of the entry after one that was pruned.
NotedHead look_at_next(const Head& noted, const Cursor::Item& next, const auth::MasterKey& key) {
  if (read_sequence_key(next.key) != noted.sequence + 1) return NotedHead::there;
  const auto entry = read_entry(next.value);
  // Chained with another key than it was noted with, it tells nothing.
  if (!entry || entry->key_id != key.key_id()) return NotedHead::there;
  return entry->previous == noted.hash ? NotedHead::there : NotedHead::altered;
}

}  // namespace

Head newest_head(const Txn& txn, const Tables& tables, const auth::MasterKey& key) {
  const auto newest = Cursor{txn, tables.journal}.last();
  if (!newest) return {};
  return {read_sequence_key(newest->key), key.hash_journal(newest->value)};
}

NotedHead look_for(const Head& noted, const Txn& txn, const Tables& tables,
                   const auth::MasterKey& key) {
  if (noted.sequence == 0) return NotedHead::there;
  Cursor cursor{txn, tables.journal};
  const auto at = cursor.at_or_after(sequence_key(noted.sequence));
  if (!at) return NotedHead::missing;
  if (read_sequence_key(at->key) == noted.sequence) {
    return key.hash_journal(at->value) == noted.hash ? NotedHead::there : NotedHead::altered;
  }
  if (cursor.first()->key != at->key) return NotedHead::altered;
  return look_at_next(noted, *at, key);
}

}  // namespace store
