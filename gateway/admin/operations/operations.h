#pragma once
// What operators do with credentials, whoever asks: commands on this machine, and requests over
// NATS. Bodies and results are JSON; doc/admin-service.md has them all.

#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/admin/operations/context.h"

namespace gateway {

// Carries out "create", "get", "list", "update", "suspend", "resume", "revoke", "rotate",
// "sessions", "kick", "history" or "explain". Throws Failure, store::Fault, ConfigError, NatsError.
// A secret in the body is wiped; one in the result is the caller's to wipe.
OrderedJson perform(const Desk& desk, std::string_view operation, nlohmann::json body);

// The operations themselves, each with what it takes of the body.
namespace operations {
// {credential: {name, kind, …}, proof, request_id}
OrderedJson create(const Desk& desk, nlohmann::json body);
// {credential, revision, now, set: {…}}
OrderedJson update(const Desk& desk, nlohmann::json body);
// {credential, revision, reason}
OrderedJson suspend(const Desk& desk, nlohmann::json body);
OrderedJson resume(const Desk& desk, nlohmann::json body);
OrderedJson revoke(const Desk& desk, nlohmann::json body);
OrderedJson kick(const Desk& desk, nlohmann::json body);
// {credential, revision, overlap, now, proof}
OrderedJson rotate(const Desk& desk, nlohmann::json body);
// {credential}
OrderedJson get(const Desk& desk, nlohmann::json body);
OrderedJson sessions(const Desk& desk, nlohmann::json body);
// {region, status, tags, unused, after, limit}
OrderedJson list(const Desk& desk, nlohmann::json body);
// {credential, actor, action, since, until, after, limit}
OrderedJson history(const Desk& desk, nlohmann::json body);
// {credential, source, type, at, publish, subscribe}
OrderedJson explain(const Desk& desk, nlohmann::json body);
}  // namespace operations

}  // namespace gateway
