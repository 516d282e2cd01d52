#include "auth/setup_jwt.h"

#include <nlohmann/json.hpp>

#include "auth/jwt.h"

namespace auth {
namespace {

using Json = nlohmann::json;

}  // namespace

std::string write_setup_user(const SetupUser& user, Time now, const Signer& account) {
  Json nats = {{"type", "user"},
               {"version", 2},
               {"pub", write_subject_lists(user.publish)},
               {"sub", write_subject_lists(user.subscribe)},
               {"subs", -1},
               {"data", -1},
               {"payload", -1}};
  if (user.bearer) nats["bearer_token"] = true;
  if (user.allow_responses) nats["resp"] = {{"max", 1}, {"ttl", 0}};
  if (account.issuer_account) nats["issuer_account"] = write_public_key(*account.issuer_account);
  const Json claims = {{"iat", now.time_since_epoch().count()},
                       {"iss", write_public_key(account.key.public_key())},
                       {"name", user.name},
                       {"sub", write_public_key(user.key)},
                       {"nats", std::move(nats)}};
  return write_jwt(claims.dump(), account.key);
}

}  // namespace auth
