#pragma once
// The error of a wrong configuration.

#include <stdexcept>

namespace auth {

// A wrong configuration, key file or store; exit code 78. The message says where the mistake is,
// and what would be right.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace auth
