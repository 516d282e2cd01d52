#pragma once
// What is done with a store that lacks the noted head, where it is accepted as it is.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/head_note.h"

namespace store {

// Somebody who was shut out in an entry that the store lacks, or that it may lack.
struct Lost {
  std::string id;
  std::string name;            // empty: the store has no such record
  std::uint64_t sequence = 0;  // of the entry
};

struct Accepted {
  // Up to this entry it is as it was noted, or is all there is. 0: nobody knows.
  std::uint64_t sequence = 0;
  std::optional<std::uint64_t> noted;  // of the head that it lacks; absent: nothing could be read
  bool complete = false;               // all that follows is, up to the noted head
  std::vector<Lost> revoked{};         // again
  std::vector<Lost> suspended{};       // again
  std::vector<Lost> rotated{};         // not again: the secret from before is good in this store
  std::vector<Lost> absent{};          // revoked or suspended, and not in this store, or damaged
};

// What the note knows of one credential.
struct Shut {
  std::string id;
  std::uint64_t revoked = 0;    // the entry; 0: it was not
  std::uint64_t suspended = 0;  // likewise; also 0 once it was resumed
  std::uint64_t resumed = 0;    // likewise; also 0 once it was suspended
  std::uint64_t rotated = 0;    // the last time
  bool rotated_earlier = false;
};

// One for each credential, in the order in which they came.
std::vector<Shut> by_credential(const std::vector<Shutout>& shutouts);

// What the next note knows of it. `suspended`: it is, in the store that was accepted.
std::vector<Shutout> carry_over(const Shut& shut, bool suspended);

}  // namespace store
