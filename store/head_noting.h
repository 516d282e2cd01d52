#pragma once
// Notes the head of the journal outside the store, and compares the store with what was noted. The
// note may lag behind the store and never leads it: it is made of what was read after a commit. So
// a store that lacks the noted head is an older copy, whatever was killed when.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "store/head_file.h"
#include "store/head_note.h"
#include "store/head_watch.h"

namespace store {

// Borrows its arguments. For one caller at a time.
class HeadNoting {
 public:
  // `directory` may be empty: then nothing is noted, and nothing compared.
  HeadNoting(const std::filesystem::path& directory, const Environment& env, const Tables& tables,
             const auth::MasterKeys& keys, HeadWatch& watch);

  // What is wrong, as a sentence. Absent: the store has the noted head, or none was noted of it
  // yet.
  std::optional<std::string> compare() const;

  // Notes the newest head, and who was shut out up to it, unless that is noted already. Throws
  // Fault; WentBack where the store lacks the noted head.
  void note();

  // Absent where nothing can be read that was signed for this store.
  std::optional<HeadNote> noted() const;

  // Notes the newest head in place of a note that the store lacks: `older` is what noted() gave,
  // and up to entry `common` the store is as it was then. Throws Fault.
  void replace(const std::optional<HeadNote>& older, std::uint64_t common);

 private:
  std::optional<std::string> compare(const std::optional<std::string>& text,
                                     const ReadTxn& txn) const;
  std::string advice() const;
  std::string store_id(const ReadTxn& txn) const;
  void add_since(HeadNote& note);
  bool add_page(HeadNote& note, const ReadTxn& txn) const;
  void mark();

  const HeadFile file_;
  const Environment& env_;
  const Tables& tables_;
  const auth::MasterKeys& keys_;
  HeadWatch& watch_;
  std::uint64_t noted_txn_ = 0;  // nothing was committed since the note, if this is the last one
};

}  // namespace store
