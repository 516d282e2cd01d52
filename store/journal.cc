#include "store/journal.h"

#include "auth/base/archive.h"
#include "auth/credential/master_key.h"
#include "store/journal_head.h"
#include "store/lmdb.h"
#include "store/tables.h"

namespace store {
namespace {

constexpr char kEntryVersion = 1;

}  // namespace

constexpr Action last_enumerator(Action /*of*/) {
  return kLastAction;
}

template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, FieldChange>
void fields(A& archive, C& c) {
  archive(1, c.field);
  archive(2, c.before);
  archive(3, c.after);
}

template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, Entry>
void fields(A& archive, C& c) {
  archive(1, c.at);
  archive(2, c.actor);
  archive(3, c.action);
  archive(4, c.id);
  archive(5, c.revision);
  archive(6, c.fields);
  archive(7, c.reason);
  archive(8, c.key_id);
}

constexpr std::uint8_t kPrevious = 9;

std::string_view name(Action action) {
  switch (action) {
    case Action::create:
      return "create";
    case Action::update:
      return "update";
    case Action::suspend:
      return "suspend";
    case Action::resume:
      return "resume";
    case Action::revoke:
      return "revoke";
    case Action::rotate:
      return "rotate";
    case Action::rehash:
      return "rehash";
    case Action::withdraw:
      return "withdraw";
    case Action::kick:
      return "kick";
    case Action::prune:
      return "prune";
    case Action::restore:
      return "restore";
    case Action::create_role:
      return "create_role";
    case Action::update_role:
      return "update_role";
    case Action::delete_role:
      return "delete_role";
    case Action::kick_role:
      return "kick_role";
  }
  return "unknown";
}

std::optional<Action> read_action(std::string_view word) {
  for (auto n = static_cast<std::uint8_t>(Action::create);
       n <= static_cast<std::uint8_t>(kLastAction); ++n) {
    if (name(Action{n}) == word) return Action{n};
  }
  return std::nullopt;
}

bool matches(const Entry& entry, const JournalFilter& filter) {
  return (filter.id.empty() || entry.id == filter.id) &&
         (filter.actor.empty() || entry.actor == filter.actor) &&
         (!filter.action || entry.action == *filter.action) &&
         (!filter.since || entry.at >= *filter.since) &&
         (!filter.until || entry.at < *filter.until);
}

std::string write_entry(const Entry& entry) {
  auth::ArchiveWriter archive;
  fields(archive, entry);
  archive(kPrevious, std::optional{entry.previous});  // always there, so that no prefix is an entry
  return std::string(1, kEntryVersion) + archive.take();
}

std::optional<Entry> read_entry(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != kEntryVersion) return std::nullopt;
  auth::ArchiveReader archive{bytes.substr(1)};
  Entry entry;
  std::optional<auth::Hash32> previous;
  fields(archive, entry);
  archive(kPrevious, previous);
  if (!archive.complete() || !previous) return std::nullopt;
  entry.previous = *previous;
  return entry;
}

std::uint64_t append(WriteTxn& txn, const Tables& tables, const auth::MasterKey& key, Entry entry) {
  std::uint64_t sequence = 1;
  {
    Cursor cursor{txn, tables.journal};
    if (const auto newest = newest_row(cursor)) {
      sequence = newest->sequence + 1;
      entry.previous = key.hash_journal(newest->value);
    }
  }
  entry.key_id = key.key_id();
  txn.append(tables.journal, sequence_key(sequence), write_entry(entry));
  return sequence;
}

}  // namespace store
