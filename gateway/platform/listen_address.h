#pragma once
// The address to listen on.

#include <string>

namespace gateway {

// "ADDRESS:PORT" or "[ADDRESS]:PORT"; the port is 0 if the text is neither.
struct ListenAddress {
  std::string address;
  int port = 0;
};
ListenAddress read_listen_address(const std::string& text);

}  // namespace gateway
