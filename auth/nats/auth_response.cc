#include "auth/nats/auth_response.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "auth/nats/jwt.h"

namespace auth {
namespace {

using Json = nlohmann::json;

// The server counts a session in 64 bits of nanoseconds: an `exp` more than 292 years away, such as
// the last day of 9999, wraps round and cuts the client at once.
constexpr std::chrono::seconds kMaxSession = std::chrono::years{100};

std::int64_t seconds_of(Time at) {
  return at.time_since_epoch().count();
}

// `subs`, `data` and `payload`: absent would mean 0 to some servers; the account's limits bound
// them.
Json own_permissions(const Permissions& permissions) {
  Json nats = {{"pub", write_subject_lists(permissions.publish)},
               {"sub", write_subject_lists(permissions.subscribe)},
               {"subs", -1},
               {"data", -1},
               {"payload", -1}};
  if (const auto& responses = permissions.responses) {
    const std::chrono::nanoseconds ttl = responses->ttl;
    nats["resp"] = {{"max", responses->max}, {"ttl", ttl.count()}};
  }
  return nats;
}

std::string sign(Json claims, const Signer& signer) {
  claims["iss"] = write_public_key(signer.key.public_key());
  if (signer.issuer_account) {
    claims["nats"]["issuer_account"] = write_public_key(*signer.issuer_account);
  }
  return write_jwt(claims.dump(), signer.key);
}

std::string write_user_jwt(const Request& request, const Grant& grant, Time now,
                           const Target& target) {
  Json nats = target.scoped ? Json::object() : own_permissions(grant.permissions);
  nats["type"] = "user";
  nats["version"] = 2;
  Json claims = {{"iat", seconds_of(now)},
                 {"name", grant.id},
                 {"sub", write_public_key(request.user_nkey)},
                 {"nats", std::move(nats)}};
  if (!target.audience.empty()) claims["aud"] = target.audience;
  if (grant.until) claims["exp"] = seconds_of(std::min(*grant.until, now + kMaxSession));
  return sign(std::move(claims), target.signer);
}

std::string write_response(const Request& request, const char* outcome, std::string value, Time now,
                           const Signer& callout) {
  return sign(
      {{"aud", write_public_key(request.server.id)},
       {"iat", seconds_of(now)},
       {"sub", write_public_key(request.user_nkey)},
       {"nats", {{outcome, std::move(value)}, {"type", "authorization_response"}, {"version", 2}}}},
      callout);
}

}  // namespace

std::string write_grant(const Request& request, const Grant& grant, Time now, const Signer& callout,
                        const Target& target) {
  return write_response(request, "jwt", write_user_jwt(request, grant, now, target), now, callout);
}

std::string write_refusal(const Request& request, Time now, const Signer& callout) {
  return write_response(request, "error", "denied", now, callout);
}

}  // namespace auth
