#pragma once
// Operations over NATS: `credgate.v1.credentials.<operation>.<account>`, asked as one of the
// gateway's admins.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/cli/context.h"

namespace gateway::cli {

// Connects, asks, and waits for the answer. Throws Failure: that of the gateway, forbidden where
// the server refuses the subject, usage for options that do not fit, fault for all else.
nlohmann::ordered_json ask_remote(const RemoteOptions& options, std::string_view operation,
                                  const std::string& account, nlohmann::json body);

}  // namespace gateway::cli
