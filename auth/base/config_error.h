#pragma once
// How reading a configuration fails.

#include <stdexcept>

namespace auth {

// A wrong configuration, key file or store; exit code 78. The message says where, and what is
// right.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace auth
