#pragma once
// What a running nats-server does with logins, judged. Pure; live_server.h asks.

#include <functional>
#include <string>
#include <vector>

#include "gateway/doctor/finding.h"

namespace gateway {

struct TriedLogin {
  std::string login;
  bool let_in = false;
};

// How a server answered.
struct LiveAnswers {
  std::string url;
  bool ping_let_in = false;    // who sends PING and no CONNECT
  bool nobody_let_in = false;  // a CONNECT without any credential
  TriedLogin stranger;         // a well-formed id that nobody has, with a secret that nobody has
  bool asks_about_stranger = true;  // not in operator mode, where a stranger has no sentinel
  std::vector<TriedLogin> static_users;
};

// Whether the gateway was asked about this login. Not set where that is not known.
using SeenByGateway = std::function<bool(const std::string& login)>;

std::vector<Finding> judge_live(const LiveAnswers& answers, const SeenByGateway& seen_by_gateway);

}  // namespace gateway
