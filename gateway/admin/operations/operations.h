#pragma once
// Operations on credentials and roles, for commands on this machine and for requests over NATS.
// Bodies and results are JSON; doc/admin-service.md documents them.

#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/admin/operations/context.h"

namespace gateway {

// Carries out "create", "get", "list", "update", "suspend", "resume", "revoke", "rotate",
// "sessions", "kick", "history", "explain", "create_role", "get_role", "list_roles", "update_role"
// or "delete_role". Throws OperationError, store::Fault, ConfigError, NatsError. Wipes a secret in
// the body; the caller must wipe a secret in the result.
OrderedJson perform(const OperationContext& context, std::string_view operation,
                    nlohmann::json body);

// The operations, each with the members of its body.
namespace operations {
// {credential: {name, kind, …}, proof, request_id}
OrderedJson create(const OperationContext& context, nlohmann::json body);
// {credential, revision, now, set: {…}}
OrderedJson update(const OperationContext& context, nlohmann::json body);
// {credential, revision, reason}
OrderedJson suspend(const OperationContext& context, nlohmann::json body);
OrderedJson resume(const OperationContext& context, nlohmann::json body);
OrderedJson revoke(const OperationContext& context, nlohmann::json body);
OrderedJson kick(const OperationContext& context, nlohmann::json body);
// {credential, revision, overlap, now, proof}
OrderedJson rotate(const OperationContext& context, nlohmann::json body);
// {credential}
OrderedJson get(const OperationContext& context, nlohmann::json body);
OrderedJson sessions(const OperationContext& context, nlohmann::json body);
// {region, status, tags, role, unused, after, limit}
OrderedJson list(const OperationContext& context, nlohmann::json body);
// {credential, role, actor, action, since, until, after, limit}
OrderedJson history(const OperationContext& context, nlohmann::json body);
// {credential, source, type, at, publish, subscribe}
OrderedJson explain(const OperationContext& context, nlohmann::json body);
// {role: {name, account, description, …}, request_id}
OrderedJson create_role(const OperationContext& context, nlohmann::json body);
// {role}: its name, or ACCOUNT/NAME
OrderedJson get_role(const OperationContext& context, nlohmann::json body);
// {after, limit}
OrderedJson list_roles(const OperationContext& context, nlohmann::json body);
// {role, revision, reason, now, set: {…}}
OrderedJson update_role(const OperationContext& context, nlohmann::json body);
// {role, revision, reason}
OrderedJson delete_role(const OperationContext& context, nlohmann::json body);
}  // namespace operations

}  // namespace gateway
