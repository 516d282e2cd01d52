#pragma once
// Operations over NATS: `credgate.v1.credentials.<operation>.<account>`, sent as one of the
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
  // Connects. Throws OperationError: usage for options that contradict each other, forbidden if the
  // server refuses this user, fault; NatsError.
  explicit Remote(const RemoteOptions& options);

  bool up() const { return connected(connection_); }

  // Sends the request, and waits for the reply. Throws OperationError: that of the gateway,
  // forbidden if the server refuses the subject, fault for anything else; NatsError.
  nlohmann::ordered_json ask(std::string_view operation, const std::string& account,
                             nlohmann::json body);

 private:
  std::string inbox_;
  Connection connection_;
  Subscription answers_;
  std::uint64_t asked_ = 0;
};

}  // namespace gateway::cli
