#pragma once
// A session: a connection of a client that was let in.

#include <cstdint>
#include <string>

#include "auth/base/time_format.h"

namespace gateway {

// As KICK and CONNZ name it.
struct Session {
  std::string server_id;  // "N…"
  std::uint64_t cid = 0;
  std::string credential;
  auth::Instant began{};  // by the server's clock or ours
  bool leafnode = false;
  bool confirmed = false;  // a server has said that it has it
};

}  // namespace gateway
