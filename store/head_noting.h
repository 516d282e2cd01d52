#pragma once
// Notes the head of the journal outside the store, and compares the store with what was noted. The
// note may lag behind the store and never leads it: it is made of what was read after a commit. So
// a store that lacks the noted head is an older copy, whatever was killed when.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "store/head_file.h"
#include "store/head_note.h"
#include "store/head_watch.h"

namespace store {

struct Intent;

// Borrows its arguments. For one caller at a time.
class HeadNoting {
 public:
  // `directory` may be empty: then nothing is noted, and nothing compared.
  HeadNoting(const std::filesystem::path& directory, const Environment& env, const Tables& tables,
             const auth::MasterKeys& keys, HeadWatch& watch);

  // What is wrong, as a sentence. Absent: the store has the noted head, or none was noted of it
  // yet. Throws Fault where the note cannot be read: then nobody knows, and the next start may.
  std::optional<std::string> compare() const;

  // Notes the newest head, and who was shut out up to it, unless that is noted already. The first
  // time it signs with the first key; later with the one that it is signed with, as another may
  // have become the first in a process that was started since. Throws Fault, and then the next call
  // tries again; WentBack where the store lacks the noted head.
  void note();

  // Absent where nothing can be read that was signed for this store.
  std::optional<HeadNote> noted() const;

  // Up to which entry the store is as it was when `older` was noted, as far as can be told; 0 for a
  // copy of another timeline. Kept in the store until that note is replaced: what is appended now
  // must not count. Throws Fault.
  std::uint64_t common_with(const HeadNote& older);

  // Notes the newest head in place of a note that the store lacks. Begins a timeline with an entry
  // of its own, so that no other copy is taken for this store. `carried`: what was noted of who was
  // shut out; what the journal says after entry `from` is added. `lacked`: the head that the note
  // had, if it could be read. Throws Fault.
  void replace(std::vector<Shutout> carried, std::uint64_t from,
               std::optional<std::uint64_t> lacked, const Intent& intent);

 private:
  std::optional<std::string> compare(const std::optional<std::string>& text,
                                     const ReadTxn& txn) const;
  std::string advice() const;
  std::string store_id(const ReadTxn& txn) const;
  std::string unsigned_note(const std::string& text) const;
  std::uint64_t find_common(const HeadNote& older, const Txn& txn) const;
  std::uint64_t begin_timeline(std::optional<std::uint64_t> lacked, const Intent& intent);
  std::uint64_t add_since(HeadNote& note, const auth::MasterKey& key);
  bool add_page(HeadNote& note, const ReadTxn& txn, const auth::MasterKey& key) const;
  void mark();

  const HeadFile file_;
  const Environment& env_;
  const Tables& tables_;
  const auth::MasterKeys& keys_;
  HeadWatch& watch_;
  std::uint64_t noted_txn_ = 0;  // nothing was committed since the note, if this is the last one
};

}  // namespace store
