#include "store/head_noting.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "auth/base/base64.h"
#include "auth/credential/master_key.h"
#include "store/change_rules.h"
#include "store/journal_head.h"
#include "store/limits.h"
#include "store/tables.h"

namespace store {
namespace {

// In the table `meta`: a head of this store was noted once, so there must be a note.
constexpr std::string_view kMark = "head_noted";
// Likewise: up to where it is as it was noted, while it is accepted as it is, and of which note.
constexpr std::string_view kCommon = "head_common";
// Likewise: the hash of the entry in which an older copy was accepted last. By the journal alone, a
// copy from before that would pass whose entries were pruned up to the noted one.
constexpr std::string_view kTimeline = "timeline";

std::string name_note(const HeadNote& note) {
  return " " + std::to_string(note.head.sequence) + " " + auth::write_base64url(note.head.hash);
}

auth::Hash32 timeline_of(const Txn& txn, const Tables& tables) {
  auth::Hash32 timeline{};
  const auto bytes = auth::read_base64url(txn.get(tables.meta, kTimeline).value_or(""));
  if (bytes && bytes->size() == timeline.size()) std::ranges::copy(*bytes, timeline.begin());
  return timeline;
}

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

std::string HeadNoting::unsigned_note(const std::string& text) const {
  const std::string key = claimed_key(text);
  const bool known = std::ranges::any_of(
      keys_.all(), [&](const auth::MasterKey& one) { return one.key_id() == key; });
  const std::string begin =
      "store: nobody can tell whether it is the newest: the head that is noted in " +
      file_.directory().string();
  if (key.empty() || known) return begin + " was altered" + advice();
  return begin + " is signed with master key " + key +
         ", which is not configured. Was the key removed by hand, or was a daemon not restarted "
         "after `keys promote`? Then configure the key again as the last one, and restart each "
         "credgate. If the key is lost, see doc/what-to-do-when.md";
}

std::optional<std::string> HeadNoting::compare(const std::optional<std::string>& text,
                                               const ReadTxn& txn) const {
  const std::string where = file_.directory().string();
  if (!text) {
    if (!txn.get(tables_.meta, kMark)) return std::nullopt;
    return "store: nobody can tell whether it is the newest: the head that was noted in " + where +
           " is missing. If the store was moved, move that directory along, or name it as "
           "store.head_dir" +
           advice();
  }
  const auto noted = read_note(*text, keys_);
  if (!noted) return unsigned_note(*text);
  const HeadNote& note = noted->note;
  if (note.store_id != store_id(txn)) {
    return "store: it is " + store_id(txn) + ", but the head that is noted in " + where +
           " is that of " + note.store_id + advice();
  }
  if (note.timeline != timeline_of(txn, tables_)) {
    return "store: it went back in time: it is not the store that was accepted last with "
           "`credgate restore --accept-older`, as noted in " +
           where + advice();
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
  const auto text = file_.read();
  // Read before the snapshot is taken, it speaks of nothing that is not in it.
  const HeadWatch::Read read{watch_};
  auto wrong = compare(text, read.txn());
  read.check();
  return wrong;
}

// Whether there may be more.
bool HeadNoting::add_page(HeadNote& note, const ReadTxn& txn, const auth::MasterKey& key) const {
  Cursor cursor{txn, tables_.journal};
  auto at = cursor.at_or_after(sequence_key(note.head.sequence + 1));
  std::optional<std::uint64_t> before = note.head.sequence;
  if (at && Cursor{txn, tables_.journal}.first()->key == at->key) {
    before.reset();
    // Whom entries shut out that were pruned before they were noted, nobody knows.
    const std::uint64_t first = check_row(at->key, at->value, before);
    if (first > note.head.sequence + 1) {
      note.complete_from = std::max(note.complete_from, first - 1);
    }
  }
  for (std::size_t seen = 0; at && seen < kPage; at = cursor.next(), ++seen) {
    before = note.head.sequence = check_row(at->key, at->value, before);
    auto entry = read_entry(at->value);
    if (!entry || !is_shutout(entry->action) || !auth::has_id_form(entry->id)) continue;
    note.shutouts.push_back({note.head.sequence, entry->action, std::move(entry->id)});
  }
  bound(note);
  if (at) return true;
  note.head = sound_head(txn, tables_, key);
  return false;
}

// In short snapshots: an import may have made millions of entries. Gives the last one's number.
std::uint64_t HeadNoting::add_since(HeadNote& note, const auth::MasterKey& key) {
  while (true) {
    const HeadWatch::Read read{watch_};
    const bool more = add_page(note, read.txn(), key);
    read.check();
    if (!more) return read.txn().id();
  }
}

void HeadNoting::note() {
  if (file_.directory().empty()) return;
  if (noted_txn_ != 0 && ReadTxn{env_}.id() == noted_txn_) return;
  std::uint64_t txn = 0;
  {
    const HeadFile::Lock held{file_};
    const auto text = file_.read();
    const auto old = text ? read_note(*text, keys_) : std::nullopt;
    // A process that was not restarted since another key became the first must not take that back:
    // once its own first key is retired, nobody could read what it signs.
    const auth::MasterKey& key = old && noted_txn_ != 0 ? *old->key : keys_.current();
    HeadNote note;
    {
      const HeadWatch::Read read{watch_};
      if (const auto wrong = compare(text, read.txn())) throw WentBack(*wrong);
      if (old) note = old->note;
      if (!old) {
        note.store_id = store_id(read.txn());
        note.timeline = timeline_of(read.txn(), tables_);
        note.head = sound_head(read.txn(), tables_, key);
        note.complete_from = note.head.sequence;
      }
    }
    txn = add_since(note, key);
    // The hash of one head differs from key to key.
    const bool same = old && old->note.head.sequence == note.head.sequence && old->key == &key;
    if (!same) file_.write(write_note(note, key), held);
  }
  mark();
  noted_txn_ = txn;
}

std::optional<HeadNote> HeadNoting::noted() const {
  const auto text = file_.read();
  auto noted = text ? read_note(*text, keys_) : std::nullopt;
  if (!noted || noted->note.store_id != store_id(ReadTxn{env_})) return std::nullopt;
  return std::move(noted->note);
}

std::uint64_t HeadNoting::begin_timeline(std::optional<std::uint64_t> lacked,
                                         const Intent& intent) {
  WriteTxn txn{env_};
  const std::string entry =
      lacked ? ", which lacked entry " + std::to_string(*lacked) : "; no noted head could be read";
  const std::uint64_t sequence =
      append(txn, tables_, keys_.current(),
             {.at = intent.at,
              .actor = intent.actor,
              .action = Action::restore,
              .id = {},
              .revision = 0,
              .fields = {},
              .reason = "an older copy of the store was accepted" + entry});
  const Head head = newest_head(txn, tables_, keys_.current());
  txn.put(tables_.meta, kTimeline, auth::write_base64url(head.hash));
  watch_.check_write(txn);
  txn.commit();
  return sequence;
}

// Interrupted before the note is written, it leaves a store of a timeline that is not noted, which
// is to be accepted again.
void HeadNoting::replace(std::vector<Shutout> carried, std::uint64_t from,
                         std::optional<std::uint64_t> lacked, const Intent& intent) {
  const std::uint64_t began = begin_timeline(lacked, intent);
  {
    const HeadFile::Lock held{file_};
    HeadNote note{.store_id = "",
                  .head = {.sequence = from},
                  .complete_from = began,
                  .shutouts = std::move(carried)};
    {
      const ReadTxn txn{env_};
      note.store_id = store_id(txn);
      note.timeline = timeline_of(txn, tables_);
    }
    bound(note);
    add_since(note, keys_.current());
    file_.write(write_note(note, keys_.current()), held);
  }
  mark();
}

// An entry that is as noted tells that all before it are too; one that is not, that they may not
// be.
std::uint64_t HeadNoting::find_common(const HeadNote& older, const Txn& txn) const {
  if (older.timeline != timeline_of(txn, tables_)) return 0;
  const std::uint64_t newest = sound_head(txn, tables_, keys_.current()).sequence;
  const auto oldest = Cursor{txn, tables_.journal}.first();
  const std::uint64_t first = oldest ? read_sequence_key(oldest->key) : 1;
  std::uint64_t same = 0;
  for (const Shutout& one : older.shutouts) {
    if (one.earlier || one.sequence < first) continue;  // the latter was pruned
    if (one.sequence > newest) return newest;
    const auto bytes = txn.get(tables_.journal, sequence_key(one.sequence));
    const auto entry = bytes ? read_entry(*bytes) : std::nullopt;
    if (!entry || entry->action != one.action || entry->id != one.id) return same;
    same = one.sequence;
  }
  return newest < older.head.sequence ? newest : same;
}

std::uint64_t HeadNoting::common_with(const HeadNote& older) {
  WriteTxn txn{env_};
  const std::string note = name_note(older);
  const std::string kept{txn.get(tables_.meta, kCommon).value_or("")};
  std::uint64_t common = 0;
  if (kept.ends_with(note)) {
    const char* const end = kept.data() + (kept.size() - note.size());
    const auto read = std::from_chars(kept.data(), end, common);
    if (read.ec == std::errc{} && read.ptr == end) return common;
  }
  common = find_common(older, txn);
  txn.put(tables_.meta, kCommon, std::to_string(common) + note);
  watch_.check_write(txn);
  txn.commit();
  return common;
}

void HeadNoting::mark() {
  if (ReadTxn{env_}.get(tables_.meta, kMark)) return;
  WriteTxn txn{env_};
  txn.put(tables_.meta, kMark, "1");
  watch_.check_write(txn);
  txn.commit();
}

}  // namespace store
