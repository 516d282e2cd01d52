#pragma once
// A message of nats.c without a server.

#include <string>

#include "gateway/nats/nats_c.h"

namespace gateway::made {

// Without the header where `server_xkey` is empty.
inline Message make_message(const std::string& data, const std::string& reply = "",
                            const std::string& server_xkey = "") {
  check(nats_Open(-1), "nats.c");  // destroying a message takes its collector
  natsMsg* message = nullptr;
  check(natsMsg_Create(&message, "subject", reply.empty() ? nullptr : reply.c_str(), data.data(),
                       static_cast<int>(data.size())),
        "message");
  Message owner{message};
  if (!server_xkey.empty()) {
    check(natsMsgHeader_Set(message, "Nats-Server-Xkey", server_xkey.c_str()), "header");
  }
  return owner;
}

}  // namespace gateway::made
