#include "store/head_noting.h"

#include <algorithm>

#include "auth/credential/master_key.h"
#include "store/journal_head.h"
#include "store/tables.h"

namespace store {
namespace {

// In the table `meta`: a head of this store was noted once, so there must be a note.
constexpr std::string_view kMark = "head_noted";
constexpr std::size_t kPage = 1000;

}  // namespace

HeadNoting::HeadNoting(const std::filesystem::path& directory, const Environment& env,
                       const Tables& tables, const auth::MasterKeys& keys, HeadWatch& watch)
    : file_(directory), env_(env), tables_(tables), keys_(keys), watch_(watch) {}

std::string HeadNoting::advice() const {
  return ". Whoever was revoked since then would be let in again: put the newest store back, or "
         "take this one as it is with: credgate restore --accept-older";
}

std::string HeadNoting::store_id(const ReadTxn& txn) const {
  return std::string(txn.get(tables_.meta, "store_id").value_or(""));
}

std::optional<std::string> HeadNoting::compare(const std::optional<std::string>& text,
                                               const ReadTxn& txn) const {
  const std::string where = file_.directory().string();
  if (!text) {
    if (!txn.get(tables_.meta, kMark)) return std::nullopt;
    return "store: nobody can tell whether it is the newest: the head that was noted in " + where +
           " is missing" + advice();
  }
  const auto noted = read_note(*text, keys_);
  if (!noted) {
    return "store: nobody can tell whether it is the newest: the head that is noted in " + where +
           " was altered, or is signed with a master key that is not configured" + advice();
  }
  const HeadNote& note = noted->note;
  if (note.store_id != store_id(txn)) {
    return "store: it is " + store_id(txn) + ", but the head that is noted in " + where +
           " is that of " + note.store_id + advice();
  }
  const std::string entry = "entry " + std::to_string(note.head.sequence);
  switch (look_for(note.head, txn, tables_, *noted->key)) {
    case NotedHead::there:
      return std::nullopt;
    case NotedHead::missing:
      return "store: it went back in time: its journal ends at entry " +
             std::to_string(newest_head(txn, tables_, *noted->key).sequence) + ", but " + entry +
             " is noted in " + where + advice();
    case NotedHead::altered:
      break;
  }
  return "store: it is not the one whose head was noted: " + entry +
         " of its journal is not that which is noted in " + where + advice();
}

std::optional<std::string> HeadNoting::compare() const {
  if (file_.directory().empty()) return std::nullopt;
  std::optional<std::string> text;
  try {
    text = file_.read();
  } catch (const Fault& fault) {
    return fault.what();
  }
  // Read before the snapshot is taken, it speaks of nothing that is not in it.
  const HeadWatch::Read read{watch_};
  auto wrong = compare(text, read.txn());
  read.check();
  return wrong;
}

// Whether there may be more.
bool HeadNoting::add_page(HeadNote& note, const ReadTxn& txn) const {
  Cursor cursor{txn, tables_.journal};
  auto at = cursor.at_or_after(sequence_key(note.head.sequence + 1));
  for (std::size_t seen = 0; at && seen < kPage; at = cursor.next(), ++seen) {
    note.head.sequence = read_sequence_key(at->key);
    auto entry = read_entry(at->value);
    if (!entry || !is_shutout(entry->action) || !auth::has_id_form(entry->id)) continue;
    note.shutouts.push_back({note.head.sequence, entry->action, std::move(entry->id)});
  }
  bound(note);
  if (at) return true;
  note.head = newest_head(txn, tables_, keys_.current());
  return false;
}

// In short snapshots: an import may have made millions of entries.
void HeadNoting::add_since(HeadNote& note) {
  for (bool more = true; more;) {
    const HeadWatch::Read read{watch_};
    more = add_page(note, read.txn());
    read.check();
    noted_txn_ = read.txn().id();
  }
}

void HeadNoting::note() {
  if (file_.directory().empty()) return;
  if (noted_txn_ != 0 && ReadTxn{env_}.id() == noted_txn_) return;
  {
    const HeadFile::Lock held{file_};
    const auto text = file_.read();
    const auto old = text ? read_note(*text, keys_) : std::nullopt;
    HeadNote note;
    {
      const HeadWatch::Read read{watch_};
      if (const auto wrong = compare(text, read.txn())) throw WentBack(*wrong);
      if (old) note = old->note;
      if (!old) {
        note.store_id = store_id(read.txn());
        note.head = newest_head(read.txn(), tables_, keys_.current());
        note.complete_from = note.head.sequence;
      }
    }
    add_since(note);
    const bool same = old && old->note.head == note.head && old->key == &keys_.current();
    if (!same) file_.write(write_note(note, keys_.current()), held);
  }
  mark();
}

std::optional<HeadNote> HeadNoting::noted() const {
  const auto text = file_.read();
  auto noted = text ? read_note(*text, keys_) : std::nullopt;
  if (!noted || noted->note.store_id != store_id(ReadTxn{env_})) return std::nullopt;
  return std::move(noted->note);
}

void HeadNoting::replace(const std::optional<HeadNote>& older, std::uint64_t common) {
  {
    const HeadFile::Lock held{file_};
    HeadNote note = older.value_or(HeadNote{});
    note.store_id = store_id(ReadTxn{env_});
    note.head.sequence = common;
    note.complete_from = older ? std::min(older->complete_from, common) : common;
    std::erase_if(note.shutouts, [&](const Shutout& one) { return one.sequence > common; });
    add_since(note);
    file_.write(write_note(note, keys_.current()), held);
  }
  mark();
}

void HeadNoting::mark() {
  if (ReadTxn{env_}.get(tables_.meta, kMark)) return;
  WriteTxn txn{env_};
  txn.put(tables_.meta, kMark, "1");
  watch_.check_write(txn);
  txn.commit();
}

}  // namespace store
