// Traps of operator mode, where what matters is in the JWTs of accounts: seen as far as
// resolver_preload has them.

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "auth/base/json.h"
#include "auth/nats/jwt.h"
#include "gateway/doctor/checks.h"

namespace gateway {
namespace {

using auth::Json;
using auth::member;
using auth::string_at;

constexpr std::size_t kMaxJwtBytes = 1 << 20;  // nats-server's own limit

// Not verified: nats-server does that, and starts with no JWT that fails.
std::optional<Json> claims_of(std::string_view jwt) {
  if (jwt.size() > kMaxJwtBytes) return std::nullopt;
  const auto read = auth::read_jwt(jwt);
  if (!read) return std::nullopt;
  std::string twice;
  return auth::read_json_object(read->claims.view(), twice);
}

std::set<std::string> texts_in(const Json& list) {
  std::set<std::string> texts;
  if (!list.is_array()) return texts;
  for (const Json& item : list) {
    if (item.is_string()) texts.insert(item.get_ref<const std::string&>());
  }
  return texts;
}

// What the JWT of an account says of itself.
struct AccountClaims {
  Place at;
  Json nats;
  std::map<std::string, bool> keys;  // whose users it takes; whether they are scoped
};

std::optional<AccountClaims> read_account_claims(const NamedAt& jwt, const std::string& id) {
  const auto claims = claims_of(jwt.text);
  if (!claims) return std::nullopt;
  AccountClaims account{.at = jwt.at, .nats = member(*claims, "nats"), .keys = {{id, false}}};
  const Json& keys = member(account.nats, "signing_keys");
  if (!keys.is_array()) return account;
  for (const Json& key : keys) {
    if (key.is_string()) account.keys.emplace(key.get_ref<const std::string&>(), false);
    if (key.is_object()) account.keys.emplace(string_at(key, "key"), true);
  }
  return account;
}

// Absent where it is not to be seen, which is said.
std::optional<AccountClaims> find_claims(const Examination& here, const OperatorConf& conf,
                                         const std::string& id, const std::string& what) {
  const auto at = conf.preload.find(id);
  if (at == conf.preload.end()) {
    if (conf.memory) {
      here.error(Check::account_not_defined, conf.at,
                 "resolver_preload has no JWT of " + what + ".", "Add it: " + id + ": <its JWT>");
    } else {
      here.found.unseen.push_back("The JWT of " + what +
                                  " is stored in the resolver, and was not checked.");
    }
    return std::nullopt;
  }
  auto account = read_account_claims(at->second, id);
  if (!account) here.found.unseen.push_back("The JWT of " + what + " cannot be read.");
  return account;
}

void check_callout_account(const Examination& here, const AccountClaims& callout) {
  const Json& authorization = member(callout.nats, "authorization");
  const auto auth_users = texts_in(member(authorization, "auth_users"));
  if (auth_users.empty()) {
    return here.error(Check::no_auth_callout, callout.at,
                      "The callout account's JWT has no authorization with auth_users.",
                      "nsc edit authcallout --account NAME --auth-user " + here.own.gateway);
  }
  if (!auth_users.contains(here.own.gateway)) {
    here.error(Check::gateway_not_in_auth_users, callout.at,
               "credgate's user is not in auth_users of the callout account's JWT.",
               "nsc edit authcallout --account NAME --auth-user " + here.own.gateway);
  }
  for (const std::string& user : auth_users) {
    if (user == here.own.gateway) continue;
    here.error(Check::users_in_callout_account, callout.at,
               "The user " + shown(user) + " is also in the callout account.",
               "Remove it from auth_users. Several gateways can share one nkey.");
  }
  check_xkey(here, {string_at(authorization, "xkey"), callout.at});
  const std::string& issuer = here.own.issuers.front();
  if (!callout.keys.contains(issuer)) {
    here.error(Check::issuer_mismatch, callout.at,
               "The callout account's JWT has no signing key that credgate signs with.",
               "nsc edit account --name NAME --sk " + issuer);
  }
}

// An import needs an activation token if the export has token_req; a subject with a position for
// the account's id is each account's own.
void check_exports(const Examination& here, const AccountClaims& callout) {
  std::vector<std::string> subjects;
  const Json& exports = member(callout.nats, "exports");
  if (!exports.is_array()) return;
  for (const Json& one : exports) {
    const Json& position = member(one, "account_token_position");
    const bool bound = member(one, "token_req") == Json(true) ||
                       (position.is_number_unsigned() && position != Json(0U));
    if (!bound) subjects.push_back(string_at(one, "subject"));
  }
  if (subjects.empty()) return;
  report_public_exports(
      here, callout.at, subjects,
      "Make each private (nsc edit export --private), and give the admin account an activation for "
      "its import (nsc generate activation); a new `credgate init --mode operator` does both.");
}

void check_allowed(const Examination& here, const AccountClaims& callout,
                   const OwnAccount& account) {
  const auto allowed = texts_in(member(member(callout.nats, "authorization"), "allowed_accounts"));
  if (allowed.contains("*") || allowed.contains(account.id)) return;
  here.error(Check::account_not_allowed, callout.at,
             "allowed_accounts of the callout account's JWT has no " + shown(account.name) + ".",
             "nsc edit authcallout --account NAME --allowed-account " + account.id);
}

void check_own_account(const Examination& here, const AccountClaims& claims,
                       const OwnAccount& account) {
  const auto key = claims.keys.find(account.signing_key);
  if (key == claims.keys.end()) {
    return here.error(Check::account_key_unknown, claims.at,
                      "The JWT of " + shown(account.name) +
                          " does not have the signing_key that credgate.conf names.",
                      "nsc edit account --name NAME --sk " + account.signing_key);
  }
  if (key->second == account.scoped) return;
  here.error(Check::scoped_mismatch, claims.at,
             "The signing_key of " + shown(account.name) +
                 (key->second ? " is scoped, but credgate.conf does not say so."
                              : " is not scoped, but credgate.conf says that it is."),
             "Set \"scoped\": " + std::string(key->second ? "true" : "false") + " there.");
}

void check_system_account(const Examination& here, const OperatorConf& conf) {
  if (!here.own.has_system) {
    return here.warn(Check::no_system, {here.own.file, 0}, "credgate.conf has no `system`.",
                     "Add it, with the credentials file of a user of the system account.");
  }
  std::string account = here.server.system_account ? here.server.system_account->text : "";
  for (const std::string& jwt : conf.operators) {
    const auto claims = claims_of(jwt);
    if (account.empty() && claims) account = string_at(member(*claims, "nats"), "system_account");
  }
  if (account.empty()) {
    here.found.unseen.push_back("The configuration does not name the system account.");
  } else if (account != here.own.system_account) {
    here.error(
        Check::system_account_mismatch,
        here.server.system_account ? here.server.system_account->at : conf.at,
        "The servers' system account is " + shown(account) + ", but credgate's is " +
            shown(here.own.system_account) + ".",
        "Set system.account and system.creds in credgate.conf, with a user of that account.");
  }
}

void check_sentinel(const Examination& here, const NamedAt& sentinel) {
  const auto complain = [&](const std::string& what, const std::string& remedy) {
    here.error(Check::sentinel_mismatch, sentinel.at, what, remedy);
  };
  const auto claims = claims_of(sentinel.text);
  if (!claims) {
    return complain("default_sentinel is not a user JWT.",
                    "Write the JWT from a sentinel's credentials file, without the seed.");
  }
  const std::string subject = string_at(*claims, "sub");
  const auto& known = here.own.sentinels;
  if (std::ranges::find(known, subject) == known.end()) {
    return complain(
        "The user of default_sentinel, " + shown(subject) + ", is not one of credgate's sentinels.",
        "Add it to callout.sentinels in credgate.conf.");
  }
  if (member(member(*claims, "nats"), "bearer_token") != Json(true)) {
    complain(
        "default_sentinel is not a bearer token, so clients cannot present it without its seed.",
        "Create one: nsc add user --bearer");
  }
}

}  // namespace

void check_operator(const Examination& here, const OperatorConf& conf) {
  const auto callout = find_claims(here, conf, here.own.callout_account, "the callout account");
  if (callout) {
    check_callout_account(here, *callout);
    check_exports(here, *callout);
  }
  for (const OwnAccount& account : here.own.accounts) {
    if (callout) check_allowed(here, *callout, account);
    const auto claims = find_claims(here, conf, account.id, "the account " + shown(account.name));
    if (claims) check_own_account(here, *claims, account);
  }
  check_system_account(here, conf);
  if (conf.default_sentinel) check_sentinel(here, *conf.default_sentinel);
}

}  // namespace gateway
