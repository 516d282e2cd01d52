#pragma once
// Where the journal begins after its oldest entries were removed. It proves the rest, and that the
// cut was made by someone with the master key.

#include <cstdint>
#include <optional>
#include <string>

#include "auth/credential/credential.h"

namespace auth {
class MasterKey;
class MasterKeys;
}  // namespace auth

namespace store {

struct Tables;
class Txn;
class WriteTxn;

struct Anchor {
  std::uint64_t sequence = 0;  // of the last entry that was removed
  auth::Hash32 hash{};         // of it, which is `previous` in the entry after it
};

struct FoundAnchor {
  Anchor anchor;
  std::string wrong;        // a sentence; where there is one, the anchor says nothing
  std::string unknown_key;  // the id of a master key that is not configured: it is not proved
};

// Absent where nothing was ever removed.
std::optional<FoundAnchor> find_anchor(const Txn& txn, const Tables& tables,
                                       const auth::MasterKeys& keys);

void put_anchor(WriteTxn& txn, const Tables& tables, const auth::MasterKey& key,
                const Anchor& anchor);

}  // namespace store
