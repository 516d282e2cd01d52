#pragma once
// What `explain` says of subjects: may a client of a credential publish and subscribe there, by
// which entry, and what would be needed.

#include <span>
#include <string>
#include <vector>

#include "auth/credential/credential.h"
#include "auth/credential/role.h"
#include "auth/nats/permissions.h"
#include "gateway/admin/operations/context.h"

namespace gateway::operations {

struct SubjectQuestions {
  std::vector<std::string> publish;
  std::vector<std::string> subscribe;  // "SUBJECT", or "SUBJECT QUEUE" with a queue group
  bool empty() const { return publish.empty() && subscribe.empty(); }
};

// Throws OperationError (usage): at most 100 subjects, that a client may name there.
void check_subjects(const SubjectQuestions& questions);

// [{verb, subject, verdict, reason, needed}], in the order of the questions; `needed` is there
// at the first ten whose verdict is not "allowed" and that some right would allow. `roles`:
// those of the credential. `permissions`: what a connection of this type gets. The questions must
// have been checked.
OrderedJson answer_subjects(const auth::Credential& credential, std::span<const auth::Role> roles,
                            auth::ConnectionType type, const auth::Permissions& permissions,
                            const SubjectQuestions& questions);

}  // namespace gateway::operations
