#pragma once
// What every command shares: the global options, the opened store, how a credential is named, and
// how a failure becomes a message and an exit code.

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "auth/decide.h"
#include "auth/master_key.h"
#include "gateway/config.h"
#include "store/store.h"

namespace gateway::cli {

inline constexpr const char* kDefaultConfig = "/etc/credgate/credgate.conf";

enum class Code : std::uint8_t {
  fault = 1,
  usage = 2,
  not_found = 3,
  conflict = 4,
  refused = 5,
  configuration = 78,
};

// The word in a JSON error: "conflict", …
std::string_view name(Code code);

// Ends a command. The message says what was wrong, and what to do next.
class Failure : public std::runtime_error {
 public:
  Failure(Code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Code code() const { return code_; }

 private:
  Code code_;
};

[[noreturn]] void fail(const store::Refused& refused);

struct Context {
  std::string config = kDefaultConfig;
  bool json = false;
};

// The configuration, the master key and the store, as the store's owner. Throws ConfigError,
// store::Fault.
class Local {
 public:
  explicit Local(const Context& context);

  const Config& config() const { return config_; }
  const auth::MasterKeys& keys() const { return keys_; }
  store::Store& store() { return store_; }

  // The id of the credential that a person names by id or by name. Throws Failure: not_found, or
  // usage where the name is used in several accounts.
  std::string resolve(const std::string& id_or_name) const;

  // A change made from here, now.
  store::Intent intent(store::Action action) const;

 private:
  std::string actor_;
  Config config_;
  auth::MasterKeys keys_;
  store::Store store_;
};

auth::Time clock_now();

// On standard output, one line for a terminal to show and a program to read.
void print_json(const nlohmann::ordered_json& json);

}  // namespace gateway::cli
