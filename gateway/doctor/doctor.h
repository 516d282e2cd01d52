#pragma once
// A nats-server configuration against the known traps of auth_callout. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/doctor/finding.h"
#include "gateway/doctor/server_version.h"
#include "gateway/natsconf/parser.h"

namespace gateway {

// An account of credgate.conf. All but the name: operator mode.
struct OwnAccount {
  std::string name;
  std::string id = {};           // "A…"
  std::string signing_key = {};  // its public key, "A…"
  bool scoped = false;
};

// What credgate.conf and its keys say. No secret.
struct OwnSide {
  std::string file;  // credgate.conf
  bool operator_mode = false;
  std::string callout_account;  // its name; operator mode: "A…"
  bool has_system = false;
  std::string system_account;  // as the callout account's
  std::vector<OwnAccount> accounts;
  std::vector<std::string> issuers;  // "A…"
  std::vector<std::string> xkeys;    // "X…"
  std::string gateway;               // "U…", of the callout account
  std::string system_user;           // "U…", or empty
  std::vector<std::string> sentinels;
  bool admin = false;  // credentials are managed over NATS
};

struct Diagnosis {
  std::vector<Finding> findings;    // errors first, else as they stand in the configuration
  std::vector<std::string> unseen;  // what the configuration does not show
};

// `configuration` is nats-server's. Without a version, a trap that only some have is a warning.
// Throws ConfigError as read_server_conf does.
Diagnosis examine(const NatsValue& configuration, const OwnSide& own,
                  const std::optional<ServerVersion>& version);

// As `examine` orders them.
void sort_findings(std::vector<Finding>& findings);

// A name as it may be shown: in quotes, and only where it can't be a seed or a long token.
std::string shown(std::string_view name);

}  // namespace gateway
