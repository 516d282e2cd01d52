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

constexpr std::size_t kKeyBytes = 8;

[[noreturn]] void fail(std::optional<std::uint64_t> before, const std::string& why) {
  throw Fault("store: the journal is damaged" +
              (before ? " after entry " + std::to_string(*before) : "") + ": " + why +
              "; run: credgate history --verify");
}

}  // namespace

std::uint64_t check_row(std::string_view key, std::string_view value,
                        std::optional<std::uint64_t> before) {
  if (key.size() != kKeyBytes || !read_entry(value)) fail(before, "a row is not an entry");
  const std::uint64_t sequence = read_sequence_key(key);
  if (before && sequence != *before + 1) fail(before, "the next one is missing");
  return sequence;
}

std::optional<NewestRow> newest_row(Cursor& journal) {
  const auto newest = journal.last();
  if (!newest) return std::nullopt;
  std::optional<std::uint64_t> before;
  if (const auto row = journal.previous()) {
    if (row->key.size() != kKeyBytes) fail(std::nullopt, "a row is not an entry");
    before = read_sequence_key(row->key);
  }
  return NewestRow{check_row(newest->key, newest->value, before), newest->value};
}

Head sound_head(const Txn& txn, const Tables& tables, const auth::MasterKey& key) {
  Cursor journal{txn, tables.journal};
  const auto newest = newest_row(journal);
  if (!newest) return {};
  return {newest->sequence, key.hash_journal(newest->value)};
}

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
