#pragma once
// Rules for every credential that is created or changed, and the warnings about them.

#include <initializer_list>
#include <string>

#include "gateway/admin/operations/context.h"

namespace gateway::operations {

inline constexpr const char* kNothingClosed =
    "only new connections are affected: without `system` in the configuration live connections "
    "cannot be closed; they end with their session_ttl";

// Refuses changes of admin credentials over NATS: whoever could change them could become any of
// them. Throws OperationError (refused).
void refuse_admin_account(const OperationContext& context, const std::string& account);

// Sets the members of `fields` in the record; members that cannot be set are refused. Throws
// OperationError (usage), which names the member after `path`.
void put_fields(const OperationContext& context, const nlohmann::json& fields, const char* path,
                std::initializer_list<const char*> forbidden, auth::Credential& credential);

// Throws OperationError (usage).
void check_permissions(const OperationContext& context, const auth::Credential& credential);

// Warnings about settings that are allowed but may not be intended.
OrderedJson warnings_of(const OperationContext& context, const auth::Credential& credential);
// Of these warnings, those about inboxes: other credentials' and its own.
OrderedJson inbox_warnings(const auth::Credential& credential);
// Of these warnings, those that make signed requests useless.
OrderedJson sigv4_warnings(const OperationContext& context, const auth::Credential& credential);

}  // namespace gateway::operations
