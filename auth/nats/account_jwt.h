#pragma once
// The JWTs of operator mode's setup; the answers to requests are in auth_response.h.
// Source: nats-io/jwt v2 `operator_claims.go`, `account_claims.go`, `activation_claims.go`,
// `user_claims.go`. None of them expires.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/base/time.h"
#include "auth/nats/auth_response.h"
#include "auth/nats/nkey.h"
#include "auth/nats/permissions.h"

namespace auth {

// The operator JWT, the self-signed root of trust. It names the system account.
std::string write_setup_operator(const std::string& name, const PublicKey& system_account, Time now,
                                 const KeyPair& key);

// The external authorization of an account: nats-server asks a callout about its users.
struct SetupCallout {
  std::vector<PublicKey> auth_users;  // users let in without a callout: the gateway; never empty
  std::vector<PublicKey> allowed_accounts;  // where an answer may place a user
  PublicKey xkey;                           // the key that requests are sealed for
};

// An export of an account: a service, or a stream if `service` is false. Private: an account that
// imports it needs an activation.
struct SetupExport {
  std::string subject;
  bool service = true;
  bool many_answers = false;  // several replies to one request
};

// An import from another account. A service learns who sent the request.
struct SetupImport {
  std::string subject;
  PublicKey account;
  bool service = true;
  std::string activation{};  // a JWT; empty for a public export
};

// The activation that lets the account `importer` have this import. `exporter`: the key of
// `import.account`.
std::string write_setup_activation(const SetupImport& import, const PublicKey& importer, Time now,
                                   const KeyPair& exporter);

// An account without limits but this one.
struct SetupAccount {
  PublicKey key;
  std::string name;
  std::vector<PublicKey> signing_keys{};
  bool jetstream = false;
  std::int64_t max_payload = -1;  // bytes; -1: the server's
  std::optional<SetupCallout> callout{};
  std::vector<SetupExport> exports{};
  std::vector<SetupImport> imports{};
};

std::string write_setup_account(const SetupAccount& account, Time now, const KeyPair& operator_key);

// A user of an account. Empty lists allow nothing.
struct SetupUser {
  PublicKey key;
  std::string name;
  SubjectLists publish{};
  SubjectLists subscribe{};
  bool allow_responses = false;
  bool bearer = false;  // a bearer JWT, which needs no seed
  std::optional<Time> until{};
};

// A user of `account`, which signs the JWT.
std::string write_setup_user(const SetupUser& user, Time now, const Signer& account);

}  // namespace auth
