#pragma once
// What the journal says of the fields that a change touched.

#include <vector>

#include "auth/credential/credential.h"
#include "auth/credential/role.h"
#include "store/journal.h"

namespace store {

// The fields in which the two differ, as JSON, without those that every change touches. A member of
// an object is a field of its own: "permissions.publish.allow". Of a long list only what was added
// and removed is kept, where that is shorter: an entry is as large as the change, not as large as
// the record. `before`: null for a new one, of which every field is given whole.
std::vector<FieldChange> difference(const auth::Credential* before, const auth::Credential& after);
std::vector<FieldChange> difference(const auth::Role* before, const auth::Role& after);

}  // namespace store
