#pragma once
// Operations over NATS: `credgate.v1.credentials.<operation>.<account>`, sent as one of the
// gateway's admins.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "auth/base/secret.h"
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

  // How it was reached: its options, with what the context file adds, and its servers.
  const RemoteOptions& options() const { return options_; }
  const std::vector<std::string>& servers() const { return servers_; }
  // The credentials file among the options if it is a sentinel: beside another login, and such as
  // read_sentinel() takes. Empty: there is none.
  const auth::SecretText& sentinel() const { return sentinel_; }

  // Sends the request, and waits for the reply; while the gateway is busy, sends it again. Throws
  // OperationError: that of the gateway, forbidden if the server refuses the subject, fault for
  // anything else; NatsError.
  nlohmann::ordered_json ask(std::string_view operation, const std::string& account,
                             nlohmann::json body);

 private:
  nlohmann::ordered_json ask_once(const std::string& subject, std::string_view body,
                                  std::chrono::steady_clock::time_point end);

  RemoteOptions options_;
  std::vector<std::string> servers_;
  auth::SecretText sentinel_;
  std::string inbox_;
  Connection connection_;
  Subscription answers_;
  std::uint64_t asked_ = 0;
};

}  // namespace gateway::cli
