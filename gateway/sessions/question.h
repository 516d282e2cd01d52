#pragma once

#include <cstdint>
#include <string>

namespace gateway {

// A request to a server, to be published. The reply subject carries the number.
struct Question {
  std::string subject;
  std::string body;
  std::uint64_t number = 0;
};

}  // namespace gateway
