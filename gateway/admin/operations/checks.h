#pragma once
// Rules for every credential and role that is created or changed.

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/admin/operations/context.h"

namespace gateway::operations {

// Refuses changes of admin credentials over NATS: whoever could change them could become any of
// them. Throws OperationError (refused).
void refuse_admin_account(const OperationContext& context, const std::string& account);

// Refuses an account whose clients this gateway lets nobody in to. Throws OperationError (refused).
void check_account(const OperationContext& context, const std::string& account);

// The only account of clients. Throws OperationError (usage) where there are several.
std::string default_account(const OperationContext& context);

// What makes a request to create one that may come again: its `request_id`, and all of its body,
// as it came. Throws OperationError (usage).
std::optional<store::CreateRequest> read_request(const OperationContext& context,
                                                 const nlohmann::json& body);

// Sets the members of `fields` in the record; members that cannot be set are refused. Throws
// OperationError (usage), which names the member after `path`.
void put_fields(const OperationContext& context, const nlohmann::json& fields, const char* path,
                std::initializer_list<const char*> forbidden, auth::Credential& credential);

void put_fields(const nlohmann::json& fields, const char* path,
                std::initializer_list<const char*> forbidden, auth::Role& role);

// The roles that the credential names. Not to be called within a change of the store. Throws
// OperationError (usage) where one is not there.
std::vector<auth::Role> roles_of(const OperationContext& context,
                                 const auth::Credential& credential);

// `roles`: as of roles_of(). Throws OperationError (usage).
void check_permissions(const OperationContext& context, const auth::Credential& credential,
                       std::span<const auth::Role> roles = {});

}  // namespace gateway::operations
