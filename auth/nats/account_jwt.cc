#include "auth/nats/account_jwt.h"

#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "auth/nats/jwt.h"

namespace auth {
namespace {

using Json = nlohmann::json;

// Nanoseconds. So long does nats-server keep the way back of each request that may have several
// answers, also of those that have none.
constexpr std::int64_t kResponseThreshold = 5'000'000'000;

struct Subject {
  const PublicKey& key;
  const std::string& name;
  std::optional<Time> until{};
};

std::string sign(const Subject& subject, Json nats, Time now, const KeyPair& issuer) {
  Json claims = {{"iat", now.time_since_epoch().count()},
                 {"iss", write_public_key(issuer.public_key())},
                 {"name", subject.name},
                 {"sub", write_public_key(subject.key)},
                 {"nats", std::move(nats)}};
  if (subject.until) claims["exp"] = subject.until->time_since_epoch().count();
  return write_jwt(claims.dump(), issuer);
}

Json write_public_keys(const std::vector<PublicKey>& keys) {
  Json list = Json::array();
  for (const PublicKey& key : keys)
    list.push_back(write_public_key(key));
  return list;
}

// An absent limit is 0 for the server, and not "none": every one is spelled out, but for
// JetStream's, whose being 0 is what switches it off.
Json write_limits(const SetupAccount& account) {
  Json limits = {{"subs", -1},    {"data", -1},    {"payload", account.max_payload},
                 {"imports", -1}, {"exports", -1}, {"wildcards", true},
                 {"conn", -1},    {"leaf", -1}};
  if (account.jetstream) {
    for (const char* limit : {"mem_storage", "disk_storage", "streams", "consumer"})
      limits[limit] = -1;
  }
  return limits;
}

Json write_exports(const std::vector<SetupExport>& exports) {
  Json list = Json::array();
  for (const SetupExport& one : exports) {
    Json json = {{"name", one.subject},
                 {"subject", one.subject},
                 {"type", one.service ? "service" : "stream"},
                 {"token_req", true}};
    if (one.service) json["response_type"] = one.many_answers ? "Stream" : "Singleton";
    if (one.many_answers) json["response_threshold"] = kResponseThreshold;
    list.push_back(std::move(json));
  }
  return list;
}

Json write_imports(const std::vector<SetupImport>& imports) {
  Json list = Json::array();
  for (const SetupImport& one : imports) {
    Json json = {{"name", one.subject},
                 {"subject", one.subject},
                 {"account", write_public_key(one.account)},
                 {"type", one.service ? "service" : "stream"}};
    if (one.service) json["share"] = true;
    if (!one.activation.empty()) json["token"] = one.activation;
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

std::string write_setup_operator(const std::string& name, const PublicKey& system_account, Time now,
                                 const KeyPair& key) {
  return sign(
      {key.public_key(), name},
      {{"type", "operator"}, {"version", 2}, {"system_account", write_public_key(system_account)}},
      now, key);
}

std::string write_setup_activation(const SetupImport& import, const PublicKey& importer, Time now,
                                   const KeyPair& exporter) {
  return sign({importer, import.subject},
              {{"type", "activation"},
               {"version", 2},
               {"subject", import.subject},
               {"kind", import.service ? "service" : "stream"}},
              now, exporter);
}

std::string write_setup_account(const SetupAccount& account, Time now,
                                const KeyPair& operator_key) {
  Json nats = {{"type", "account"}, {"version", 2}, {"limits", write_limits(account)}};
  if (!account.signing_keys.empty()) nats["signing_keys"] = write_public_keys(account.signing_keys);
  if (const auto& callout = account.callout) {
    nats["authorization"] = {{"auth_users", write_public_keys(callout->auth_users)},
                             {"allowed_accounts", write_public_keys(callout->allowed_accounts)},
                             {"xkey", write_public_key(callout->xkey)}};
  }
  if (!account.exports.empty()) nats["exports"] = write_exports(account.exports);
  if (!account.imports.empty()) nats["imports"] = write_imports(account.imports);
  return sign({account.key, account.name}, std::move(nats), now, operator_key);
}

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
  return sign({user.key, user.name, user.until}, std::move(nats), now, account.key);
}

}  // namespace auth
