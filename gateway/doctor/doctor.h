#pragma once
// Checks a nats-server configuration for known problems with auth_callout. Pure.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credential/credential.h"
#include "gateway/doctor/finding.h"
#include "gateway/doctor/server_version.h"
#include "gateway/natsconf/parser.h"

namespace gateway {

// An account of credgate.conf. Everything except the name is for operator mode.
struct OwnAccount {
  std::string name;
  std::string id = {};           // "A…"
  std::string signing_key = {};  // its public key, "A…"
  bool scoped = false;
};

struct LeafnodeNames {
  std::uint64_t count = 0;
  std::vector<std::string> first{};  // as credential_text() has them
};

// What the store is asked, if a finding depends on it. A function that is not set, or gives nothing
// for LeafnodeNames, knows nothing.
struct StoreAnswers {
  // The credential that a client with this name and password is let in as, as credential_text() has
  // it. Absent if it would be refused.
  std::function<std::optional<std::string>(const std::string& user, std::string_view password)>
      let_in_as{};
  // The credentials that list LEAFNODE.
  std::function<std::optional<LeafnodeNames>()> leafnodes{};
};

// What credgate.conf and its keys say. Contains no secret.
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
  StoreAnswers store{};
};

struct Diagnosis {
  std::vector<Finding> findings;    // errors first, otherwise in the order of the configuration
  std::vector<std::string> unseen;  // what could not be checked
};

// `configuration` is nats-server's. Without a version, a problem of only some versions is a
// warning. Throws ConfigError as read_server_conf does.
Diagnosis examine(const NatsValue& configuration, const OwnSide& own,
                  const std::optional<ServerVersion>& version);

// Sorts findings as `examine` does.
void sort_findings(std::vector<Finding>& findings);

// A credential in a finding: CG… "name".
std::string credential_text(const auth::Credential& credential);

// A name in quotes, as it may be shown; hidden if it could be a seed or a long token.
std::string shown(std::string_view name);

}  // namespace gateway
