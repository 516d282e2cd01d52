#pragma once
// Carries out an operation on credentials: in this process on the local store, or over NATS by a
// remote gateway. Results and errors are the same.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/cli/command.h"
#include "gateway/cli/context.h"

namespace gateway::cli {

// `account`: find or create only in this account; empty: in every account. Throws OperationError,
// ConfigError, store::Fault.
nlohmann::ordered_json ask(const Context& context, std::string_view operation,
                           const std::string& account, nlohmann::json body);

// What `get` gives, before the store is opened for a change: root is root afterwards. Throws as
// ask().
nlohmann::ordered_json look_up(const Context& context, const std::string& account,
                               const std::string& credential);

// The gateway that the options name; connects if that is not done yet. Throws as Remote().
Remote& reach(const Context& context);

// Empty if there is no such string.
std::string text_at(const nlohmann::ordered_json& object, const char* member);

// Prints the `warnings` of the result on standard error, unless they are in the JSON. Not `said`,
// which the rest of the output says.
void print_warnings(const Context& context, const nlohmann::ordered_json& result,
                    std::string_view said = {});

// Adds the option --account of a command that names a credential.
void add_account(Command& command, std::string& into);

// Adds the options to reach a gateway over NATS.
void add_remote(Command& command, RemoteOptions& options);
// Whether a command takes these options.
bool works_remotely(std::string_view command);

}  // namespace gateway::cli
