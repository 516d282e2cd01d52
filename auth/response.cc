#include "auth/response.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "auth/jwt.h"

namespace auth {
namespace {

using Json = nlohmann::json;

// The server counts a session in 64 bits of nanoseconds: an `exp` more than 292 years away, such as
// the last day of 9999, wraps round and cuts the client at once.
constexpr std::chrono::seconds kLongestSession = std::chrono::years{100};

std::int64_t seconds_of(Time at) {
  return at.time_since_epoch().count();
}

// For the server an absent allow list means everything. expand() never leaves one empty without a
// deny; whoever makes permissions another way gives nothing by that, either.
Json write_lists(const SubjectLists& lists) {
  if (lists.allow.empty()) return {{"deny", Json::array({">"})}};
  Json json = {{"allow", lists.allow}};
  if (!lists.deny.empty()) json["deny"] = lists.deny;
  return json;
}

// `subs`, `data` and `payload`: absent would mean 0 to some servers; the account's limits bound
// them.
std::string write_user_jwt(const Request& request, const Grant& grant, Time now,
                           const KeyPair& issuer) {
  Json nats = {{"type", "user"},
               {"version", 2},
               {"pub", write_lists(grant.permissions.publish)},
               {"sub", write_lists(grant.permissions.subscribe)},
               {"subs", -1},
               {"data", -1},
               {"payload", -1}};
  if (const auto& responses = grant.permissions.responses) {
    const std::chrono::nanoseconds ttl = responses->ttl;
    nats["resp"] = {{"max", responses->max}, {"ttl", ttl.count()}};
  }
  Json claims = {{"aud", grant.account},
                 {"iat", seconds_of(now)},
                 {"iss", write_public_key(issuer.public_key())},
                 {"name", grant.id},
                 {"sub", write_public_key(request.user_nkey)},
                 {"nats", std::move(nats)}};
  if (grant.until) claims["exp"] = seconds_of(std::min(*grant.until, now + kLongestSession));
  return write_jwt(claims.dump(), issuer);
}

std::string write_response(const Request& request, const char* outcome, std::string value, Time now,
                           const KeyPair& issuer) {
  const Json claims = {
      {"aud", write_public_key(request.server.id)},
      {"iat", seconds_of(now)},
      {"iss", write_public_key(issuer.public_key())},
      {"sub", write_public_key(request.user_nkey)},
      {"nats", {{outcome, std::move(value)}, {"type", "authorization_response"}, {"version", 2}}}};
  return write_jwt(claims.dump(), issuer);
}

}  // namespace

std::string write_grant(const Request& request, const Grant& grant, Time now,
                        const KeyPair& issuer) {
  return write_response(request, "jwt", write_user_jwt(request, grant, now, issuer), now, issuer);
}

std::string write_refusal(const Request& request, Time now, const KeyPair& issuer) {
  return write_response(request, "error", "denied", now, issuer);
}

}  // namespace auth
