#pragma once
// The configuration: JSON with comments. Every key is checked; one that is not known is an error
// with its line, since a misspelt restriction would else be none. conf/credgate.conf explains each
// key.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "auth/decide.h"
#include "store/store.h"

namespace gateway {

// A wrong configuration, key file or store; exit code 78. The message says where, and what is
// right.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// How to reach a nats-server. Keys are named, not held: keys.h loads them.
struct NatsConfig {
  std::vector<std::string> urls;  // "nats://host:port", "tls://host:port"
  std::string nkey;               // the name of a seed file
  std::string ca_file;            // PEM; empty: the system's
  std::string cert_file;
  std::string key_file;
};

struct Config {
  std::filesystem::path file;
  std::filesystem::path keys_dir = "/etc/credgate/keys";

  NatsConfig nats;              // the callout account's connection
  bool has_system = false;      // whether a system account's connection is configured
  NatsConfig system;            // its own `nkey`; the rest as `nats` unless given
  std::string callout_account;  // never granted
  std::string system_account;   // never granted

  std::string issuer;  // the name of the account seed that signs
  std::string xkey;    // the name of the curve seed; empty: requests come unsealed
  std::string master_key;

  store::Place store;
  std::vector<std::string> accounts;
  std::string region;
  std::chrono::seconds leeway{30};
  unsigned workers = 2;

  auth::Policy policy() const;
};

// Relative paths in it are relative to the directory of `file`. Throws ConfigError.
Config load_config(const std::filesystem::path& file);

// The same from text; `file` is for messages and relative paths. Throws ConfigError.
Config read_config(std::string_view text, const std::filesystem::path& file);

// The names of the settings that differ and take a restart: all but accounts, region and leeway.
std::vector<std::string> needs_restart(const Config& running, const Config& wanted);

}  // namespace gateway
