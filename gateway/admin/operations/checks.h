#pragma once
// Rules for every credential that is created or changed.

#include <initializer_list>
#include <string>

#include "gateway/admin/operations/context.h"

namespace gateway::operations {

// Refuses changes of admin credentials over NATS: whoever could change them could become any of
// them. Throws OperationError (refused).
void refuse_admin_account(const OperationContext& context, const std::string& account);

// Sets the members of `fields` in the record; members that cannot be set are refused. Throws
// OperationError (usage), which names the member after `path`.
void put_fields(const OperationContext& context, const nlohmann::json& fields, const char* path,
                std::initializer_list<const char*> forbidden, auth::Credential& credential);

// Throws OperationError (usage).
void check_permissions(const OperationContext& context, const auth::Credential& credential);

}  // namespace gateway::operations
