#pragma once
// What holds for every credential that is made or changed for somebody, and what they are told of
// it.

#include <initializer_list>
#include <string>

#include "gateway/admin/operations/context.h"

namespace gateway::operations {

inline constexpr const char* kNothingClosed =
    "only new connections are affected: without `system` in the configuration live connections "
    "cannot be closed; they end with their session_ttl";

// Who could change the admins from afar could become any of them. Throws OperationError (refused).
void refuse_admin_account(const OperationContext& context, const std::string& account);

// Puts the members of `fields` into the record, but for those that are not to be set by hand.
// Throws OperationError (usage), which names the member behind `path`.
void put_fields(const OperationContext& context, const nlohmann::json& fields, const char* path,
                std::initializer_list<const char*> forbidden, auth::Credential& credential);

// Throws OperationError (usage).
void check_permissions(const OperationContext& context, const auth::Credential& credential);

// What is allowed and may not be what is meant.
OrderedJson warnings_of(const OperationContext& context, const auth::Credential& credential);
// Of these, what keeps signed requests from being of use.
OrderedJson sigv4_warnings(const OperationContext& context, const auth::Credential& credential);

}  // namespace gateway::operations
