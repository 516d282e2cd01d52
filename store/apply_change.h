#pragma once
// One mutation of the store: what the journal says of it, and the record as it is afterwards. Every
// write to the credential tables is a Change that goes through apply().

#include "auth/credential/credential.h"
#include "store/journal.h"

namespace auth {
class MasterKey;
}

namespace store {

struct Tables;
class WriteTxn;

struct Change {
  Entry entry;
  auth::Credential image;
};

// Appends to the journal, then puts the record and its indexes. `before`: the record that the image
// replaces, absent for a new one. Preconditions were checked in the same transaction. Gives the
// entry's sequence.
std::uint64_t apply(WriteTxn& txn, const Tables& tables, const auth::MasterKey& key,
                    const Change& change, const auth::Credential* before);

// Appends the entry, then removes the record and all its indexes: of one that nobody was given.
void remove(WriteTxn& txn, const Tables& tables, const auth::MasterKey& key, const Entry& entry,
            const auth::Credential& record);

}  // namespace store
