#pragma once
// An operation on credentials, carried out by this process on the store of this machine, or over
// NATS by a gateway elsewhere: with one result, and one way to fail.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/cli/command.h"
#include "gateway/cli/context.h"

namespace gateway::cli {

// `account`: the only one in which something is found or made; empty for every account. Throws
// OperationError, ConfigError, store::Fault.
nlohmann::ordered_json ask(const Context& context, std::string_view operation,
                           const std::string& account, nlohmann::json body);

// Empty where it has no such text.
std::string text_at(const nlohmann::ordered_json& object, const char* member);

// The result's `warnings`, on standard error.
void print_warnings(const nlohmann::ordered_json& result);

// The option --account of a command that names a credential.
void add_account(Command& command, std::string& into);

// The options that lead to a gateway over NATS.
void add_remote(Command& command, RemoteOptions& options);
// Whether a command may be given them.
bool works_remotely(std::string_view command);

}  // namespace gateway::cli
