#pragma once
// Reads the users in a nats-server configuration: parseAuthorization and parseAccounts of
// server/opts.go.

#include <optional>
#include <string>
#include <vector>

#include "auth/base/secret.h"
#include "auth/credential/credential.h"
#include "gateway/natsconf/fields.h"
#include "gateway/natsconf/parser.h"

namespace gateway {

struct NatsUser {
  std::string file;
  std::size_t line = 0;
  std::string account;                           // "$G" for a user of the top-level authorization
  std::string user;                              // or an nkey, or a token
  auth::SecretText password;                     // in clear, or a bcrypt hash ("$2a$…")
  std::string nkey;                              // "U…"
  auth::SecretText token;                        // as the password
  std::optional<auth::Permissions> permissions;  // absent: everything
  std::vector<auth::ConnectionType> connection_types;  // empty: nothing is said
};

struct NatsUsers {
  std::vector<NatsUser> users;
  std::vector<NatsProblem> problems;
  std::vector<NatsProblem> notes;  // at most one of each kind: what changes for users that are here
};

// Leaves out users with a problem, those in auth_users (the gateway itself), and those that a
// no_auth_user names: nats-server would present their password for everybody. No user gets more
// than nats-server gives, but for what a note says. Throws ConfigError if shared variables and
// defaults expand to far more than the text.
NatsUsers read_nats_users(const NatsValue& configuration);

}  // namespace gateway
