#pragma once
// Where to listen.

#include <string>

namespace gateway {

// "ADDRESS:PORT" or "[ADDRESS]:PORT"; the port is 0 where the text is neither.
struct Listen {
  std::string address;
  int port = 0;
};
Listen read_listen(const std::string& text);

}  // namespace gateway
