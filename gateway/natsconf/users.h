#pragma once
// The users of a nats-server configuration: parseAuthorization and parseAccounts of server/opts.go.

#include <optional>
#include <string>
#include <vector>

#include "auth/base/bytes.h"
#include "auth/credential/credential.h"
#include "gateway/natsconf/fields.h"
#include "gateway/natsconf/parser.h"

namespace gateway {

struct NatsUser {
  std::string file;
  std::size_t line = 0;
  std::string account;                           // "$G" for a user of the top-level authorization
  std::string user;                              // or an nkey, or a token
  auth::SecretText password;                     // plain, or a bcrypt hash ("$2a$…") as it stands
  std::string nkey;                              // "U…"
  auth::SecretText token;                        // as the password
  std::optional<auth::Permissions> permissions;  // absent: everything
  std::vector<auth::ConnectionType> connection_types;  // empty: any
};

struct NatsUsers {
  std::vector<NatsUser> users;
  std::vector<NatsProblem> problems;
};

// A user with a problem is not among the users, nor is one that auth_callout lets by (the gateway
// itself). Nobody comes out with more than nats-server gives, but for two names of connections:
// LEAFNODE and MQTT have their _WS form with them here. Throws ConfigError where they come
// to far more than the text is, by variables and defaults that many share.
NatsUsers read_nats_users(const NatsValue& configuration);

}  // namespace gateway
