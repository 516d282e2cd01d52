#pragma once
// Judges how a running nats-server treats logins. Pure; live_server.h asks the server.

#include <functional>
#include <string>
#include <vector>

#include "gateway/doctor/finding.h"

namespace gateway {

struct TriedLogin {
  std::string login;
  bool let_in = false;
};

// The answers of a server.
struct LiveAnswers {
  std::string url;
  bool ping_let_in = false;    // a client that sends PING without CONNECT
  bool nobody_let_in = false;  // a CONNECT without a credential
  TriedLogin stranger;         // a valid id and a secret that do not exist
  bool asks_about_stranger =
      true;  // false in operator mode, where an unknown client has no sentinel
  std::vector<TriedLogin> static_users;
};

// Whether the gateway was asked about this login. Not set if unknown.
using SeenByGateway = std::function<bool(const std::string& login)>;

std::vector<Finding> judge_live(const LiveAnswers& answers, const SeenByGateway& seen_by_gateway);

}  // namespace gateway
