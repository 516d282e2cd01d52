#pragma once
// What is noted outside the store, so that an older copy of it is not taken for the newest: the
// head of the journal, and who was shut out lately, whom an older copy would let in again. A text,
// signed with a key that is derived from the master key.
//
//   credgate-head 1
//   key 0123456789abcdef  the master key that it is signed with
//   store ST…
//   head 57 HASH         the sequence of the newest entry, and its hash
//   timeline HASH        of the entry in which an older copy was accepted last; zeros: none was
//   complete-from 12     of each credential, the last of these changes after this entry are listed
//   revoke 9 CG… earlier  the sequence and the id, in the journal before an older copy was accepted
//   revoke 13 CG…        the same, in this journal; or suspend, resume, rotate
//   mac MAC              of all lines above

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/journal.h"
#include "store/journal_chain.h"

namespace auth {
class MasterKey;
class MasterKeys;
}  // namespace auth

namespace store {

// A change that shuts somebody out, or lets somebody in who was suspended.
struct Shutout {
  std::uint64_t sequence = 0;
  Action action = Action::revoke;
  std::string id;
  bool earlier = false;  // noted before the timeline began, which says nothing of its journal
  bool operator==(const Shutout&) const = default;
};

// More would make each note slow to write.
inline constexpr std::size_t kMaxShutouts = 4096;
inline constexpr std::size_t kMaxNoteBytes = std::size_t{1} << 20;

struct HeadNote {
  std::string store_id;
  Head head;
  auth::Hash32 timeline{};
  std::uint64_t complete_from = 0;
  // First what is earlier; then in the order of their sequences. At most kMaxShutouts.
  std::vector<Shutout> shutouts;
};

// Whether an entry's change belongs into the note.
bool is_shutout(Action action);
// Where they are too many: keeps of each credential the revoke, which is final, or else the last
// suspend or resume and the last rotate. Of those that are still too many it drops the oldest, and
// any revoke last: nobody who makes many other changes makes it forget who was revoked.
void bound(HeadNote& note);

// `key`: the one that the head was hashed with.
std::string write_note(const HeadNote& note, const auth::MasterKey& key);

struct ReadNote {
  HeadNote note;
  const auth::MasterKey* key = nullptr;  // one of the given, which it was signed with
};
// Absent for anything that was not signed with one of the keys.
std::optional<ReadNote> read_note(std::string_view text, const auth::MasterKeys& keys);
// The id of the key that it says it was signed with, which nobody vouches for. Empty: it says none.
std::string claimed_key(std::string_view text);

}  // namespace store
