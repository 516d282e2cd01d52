#pragma once
// The JWTs that operator mode is set up with; the answers to requests are in response.h.
// Source: nats-io/jwt v2 `user_claims.go`.

#include <string>

#include "auth/bytes.h"
#include "auth/credential.h"
#include "auth/nkey.h"
#include "auth/response.h"

namespace auth {

// A user of an account. Lists that are empty allow nothing.
struct SetupUser {
  PublicKey key;
  std::string name;
  SubjectLists publish{};
  SubjectLists subscribe{};
  bool allow_responses = false;
  bool bearer = false;  // whoever has the JWT may use it, without the seed
};

// `account` signs, and it is that account's user. Without an end.
std::string write_setup_user(const SetupUser& user, Time now, const Signer& account);

}  // namespace auth
