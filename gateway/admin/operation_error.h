#pragma once
// How what an operator asked for fails: a code for programs, a sentence for people.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "store/change_rules.h"

namespace gateway {

// `forbidden`: the caller is not known or may not ask for this.
enum class Code : std::uint8_t {
  fault,
  usage,
  not_found,
  conflict,
  refused,
  forbidden,
  configuration,
};

// The word in a JSON error: "conflict", …
std::string_view name(Code code);
// `fault` for any other word.
Code read_code(std::string_view word);
// What a command ends with.
int exit_code(Code code);

// The message says what was wrong, and what to do next.
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
