#pragma once
// What would be decided now of a request that was captured, step by step.

#include <optional>

#include <nlohmann/json.hpp>

#include "gateway/admin/operations/subject_answers.h"
#include "gateway/cli/captured_request.h"
#include "gateway/cli/context.h"

namespace gateway::cli {

// Decides with the daemon's own code, on the store of `local`, which must have all keys, and leaves
// no trace: no use is recorded, no failure counted, no signature used up. As the operation
// `explain`: {id, name, granted, reason, account, until, scoped, subjects}; and `steps`,
// [{step, says}]. No secret is in it. The throttle and the number of sessions are a daemon's, and
// not known here. Throws OperationError, store::Fault.
nlohmann::ordered_json explain_request(Local& local, const CapturedMessage& message,
                                       const operations::SubjectQuestions& questions,
                                       const std::optional<auth::Time>& at);

}  // namespace gateway::cli
