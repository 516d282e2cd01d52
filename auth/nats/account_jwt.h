#pragma once
// The JWTs that operator mode is set up with; the answers to requests are in auth_response.h.
// Source: nats-io/jwt v2 `operator_claims.go`, `account_claims.go`, `user_claims.go`. None has an
// end.

#include <optional>
#include <string>
#include <vector>

#include "auth/base/bytes.h"
#include "auth/nats/auth_response.h"
#include "auth/nats/nkey.h"
#include "auth/nats/permissions.h"

namespace auth {

// The root of trust, which signs itself: whose accounts its servers take, and which of them is the
// servers' own.
std::string write_setup_operator(const std::string& name, const PublicKey& system_account, Time now,
                                 const KeyPair& key);

// That an account's users are asked about, rather than let in.
struct SetupCallout {
  std::vector<PublicKey> auth_users;        // those who are not: the gateway; never empty
  std::vector<PublicKey> allowed_accounts;  // where an answer may place a user
  PublicKey xkey;                           // whom requests are sealed for
};

// What an account lets others use: a service, or a stream where `service` is false.
struct SetupExport {
  std::string subject;
  bool service = true;
  bool many_answers = false;  // to one request
};

// What it uses of another account. A service is told who asks.
struct SetupImport {
  std::string subject;
  PublicKey account;
  bool service = true;
};

// An account without limits.
struct SetupAccount {
  PublicKey key;
  std::string name;
  std::vector<PublicKey> signing_keys{};
  bool jetstream = false;
  std::optional<SetupCallout> callout{};
  std::vector<SetupExport> exports{};
  std::vector<SetupImport> imports{};
};

std::string write_setup_account(const SetupAccount& account, Time now, const KeyPair& operator_key);

// A user of an account. Lists that are empty allow nothing.
struct SetupUser {
  PublicKey key;
  std::string name;
  SubjectLists publish{};
  SubjectLists subscribe{};
  bool allow_responses = false;
  bool bearer = false;  // whoever has the JWT may use it, without the seed
  std::optional<Time> until{};
};

// `account` signs, and it is that account's user.
std::string write_setup_user(const SetupUser& user, Time now, const Signer& account);

}  // namespace auth
