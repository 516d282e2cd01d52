#pragma once
// The configuration: JSON with comments. Every key is checked. An unknown key is an error with its
// line, because a misspelt restriction would have no effect. conf/credgate.conf explains each key.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/config_error.h"
#include "auth/base/ip_range.h"
#include "auth/decision/judge.h"
#include "gateway/platform/log.h"
#include "store/place.h"

namespace gateway {

// How to reach a nats-server. Holds the names of keys; keys.h loads them.
struct NatsConfig {
  std::vector<std::string> urls;  // "nats://host:port", "tls://host:port"
  std::string nkey;               // the name of a seed file; empty with `creds`
  std::string creds;              // operator mode: the name of a credentials file
  std::string ca_file;            // PEM; empty: the system's
  std::string cert_file;
  std::string key_file;
  bool discover = true;  // the servers that these tell of are connected to as well
  std::string tls_name;  // that a server's certificate has to have; empty: the host of its url
};

// Operator mode: an account that clients may be placed in.
struct AccountConfig {
  std::string id;           // "A…"
  std::string signing_key;  // name of the seed of the account or of one of its signing keys
  bool scoped = false;      // that signing key is scoped: its template defines what users may do
  bool operator==(const AccountConfig&) const = default;
};

// The password queue. A hash costs a thousand times as much as the rest of a decision.
struct PasswordConfig {
  auth::PasswordCost cost;
  unsigned threads = 1;
  unsigned queue = 64;  // waiting logins, in two halves (password_queue.h); more: `overloaded`
};

// The limits for failed logins (throttle.h).
struct ThrottleConfig {
  std::uint32_t login = 10;    // failures of one login from one source; 0: any number
  std::uint32_t source = 100;  // failures of one source; 0: any number
  std::chrono::seconds window = std::chrono::minutes{10};
  // Load balancers and proxies: all clients share their address, so failures are not counted.
  std::vector<auth::Cidr> exempt{};
  bool operator==(const ThrottleConfig&) const = default;
};

struct Config {
  std::filesystem::path file;
  std::filesystem::path keys_dir = "/etc/credgate/keys";

  NatsConfig nats;                     // the callout account's connection
  bool has_system = false;             // whether live connections can be closed
  NatsConfig system;                   // has its own `nkey`; the rest defaults to `nats`
  bool operator_mode = false;          // the servers' accounts are JWTs
  std::string callout_account;         // never granted; operator mode: "A…"
  std::string admin_account;           // whose users manage credentials over NATS; empty: none
  std::string system_account;          // never granted; operator mode: "A…", or empty
  std::vector<std::string> sentinels;  // operator mode: "U…"

  std::vector<std::string> issuers;  // names of account seeds; operator mode signs with the first
  std::vector<std::string> xkeys;    // names of curve seeds; none: requests come unsealed
  std::vector<std::string> master_keys;  // new secrets are stored under the first

  store::Place store;
  std::vector<std::string> accounts;
  std::map<std::string, AccountConfig, std::less<>> account_keys;  // operator mode: by name
  PasswordConfig passwords;
  ThrottleConfig throttle;
  std::string region;
  std::vector<std::string> sigv4_hosts;  // lower case; "sqs.example.com:4566"
  std::chrono::seconds leeway{30};
  unsigned workers = 2;

  std::string metrics_listen = "127.0.0.1:8422";  // of this daemon; empty: no HTTP server
  // By instance, "" being each that is not named; metrics_address.h reads it.
  std::map<std::string, std::string, std::less<>> metrics;
  std::filesystem::path run_dir = "/run/credgate";  // of control sockets
  LogFormat log_format = LogFormat::text;

  auth::Policy policy() const;
};

// Relative paths in it are relative to the directory of `file`. Throws ConfigError.
Config load_config(const std::filesystem::path& file);

// Reads the configuration from text; `file` is for messages and relative paths. Throws ConfigError.
Config read_config(std::string_view text, const std::filesystem::path& file);

// The names of the changed settings that need a restart: all except region, leeway, sigv4_hosts,
// throttle and, in configuration mode, accounts.
std::vector<std::string> needs_restart(const Config& running, const Config& wanted);

// `running` with the settings of `wanted` that take no restart.
Config with_reloadable(const Config& running, const Config& wanted);

}  // namespace gateway
