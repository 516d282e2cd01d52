#pragma once

#include <cstdint>
#include <string>

#include "auth/base/time_format.h"

namespace gateway {

// One connection of one server, as KICK names it.
struct Session {
  std::string server_id;  // "N…"
  std::uint64_t cid = 0;
  std::string credential;
  auth::Instant began{};  // by the server's clock or ours
  bool leafnode = false;
};

}  // namespace gateway
