#pragma once
// Operations over NATS: `credgate.v1.credentials.<operation>.<account>`, asked as one of the
// gateway's admins.

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/cli/context.h"
#include "gateway/nats/client.h"

namespace gateway::cli {

// A connection, for as long as a command needs it.
class Remote {
 public:
  // Connects. Throws OperationError: usage for options that do not fit, forbidden where the server
  // does not let this user in, fault; NatsError.
  explicit Remote(const RemoteOptions& options);

  bool up() const { return connected(connection_); }

  // Asks, and waits for the answer. Throws OperationError: that of the gateway, forbidden where the
  // server refuses the subject, fault for all else; NatsError.
  nlohmann::ordered_json ask(std::string_view operation, const std::string& account,
                             nlohmann::json body);

 private:
  std::string inbox_;
  Connection connection_;
  Subscription answers_;
  std::uint64_t asked_ = 0;
};

}  // namespace gateway::cli
