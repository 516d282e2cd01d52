#pragma once
// The error of an operation: a code for programs, a sentence for people.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "store/change_rules.h"

namespace gateway {

// `forbidden`: the caller is unknown or may not request this. `busy`: nothing was done, and the
// same request may succeed a moment later. `sessions_open`: the change was made, and not every
// session was closed that it ends. `no_input`: a file that was named cannot be read.
enum class Code : std::uint8_t {
  fault,
  usage,
  not_found,
  conflict,
  refused,
  forbidden,
  configuration,
  busy,
  sessions_open,
  no_input,
};

// The word in a JSON error: "conflict", …
std::string_view name(Code code);
// `fault` for any other word.
Code read_code(std::string_view word);
// The exit code of a command.
int exit_code(Code code);

// The message says what is wrong, and what to do next.
class OperationError : public std::runtime_error {
 public:
  OperationError(Code code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  Code code() const { return code_; }

 private:
  Code code_;
};

[[noreturn]] void fail(const store::Refused& refused);

}  // namespace gateway
