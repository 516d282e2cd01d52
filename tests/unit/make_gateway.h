#pragma once
// A gateway without nats-server and without a store: real keys, sealed requests, records in memory.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/responder.h"
#include "tests/unit/decide_world.h"

namespace gateway::made {

using auth::Json;

inline auth::KeyPair xkey(std::uint8_t fill) {
  return auth::made::key(auth::Prefix::curve, fill);
}

// The curve key that the server of make_request.h names in its requests.
inline auth::KeyPair server_xkey() {
  return xkey(4);
}

// The request of a client that sent this CONNECT just now, sealed for one of the gateway's xkeys.
struct Sent {
  std::string data;
  std::string reply = "$SYS._INBOX.test";
  std::string server_xkey = auth::made::text(made::server_xkey());

  Envelope envelope() const { return {data, reply, server_xkey}; }
};

inline std::string request_jwt(const Json& connect,
                               const auth::KeyPair& issuer = auth::made::issuer()) {
  const auto now =
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch();
  Json claims = auth::made::with("/nats/connect_opts", connect);
  claims["iat"] = now.count();
  claims["exp"] = now.count() + 2;
  claims["sub"] = auth::made::text(issuer);
  return auth::made::sign(claims);
}

inline Sent sealed(const std::string& jwt, const auth::KeyPair& to) {
  const auto shared = auth::SharedKey::between(server_xkey(), to.public_key());
  return {.data = shared->seal(jwt, random_bytes<auth::kSealNonceBytes>())};
}

// The claims of an answer that was sealed with this key, and of the user JWT inside.
inline Json opened(const std::string& answer, const auth::KeyPair& by) {
  const auto plain =
      auth::SharedKey::between(server_xkey(), by.public_key()).value().open(answer).value();
  return auth::read_json_object(auth::read_jwt(plain.view()).value().claims.view()).value();
}

class Gateway {
 public:
  Gateway() { set_policy(auth::made::with_key().policy); }

  void set_policy(const auth::Policy& policy) {
    rules.store(std::make_shared<const Rules>(
        Rules{auth::Judge{policy, keys.master, auth::made::zone}, std::chrono::seconds{30}}));
  }
  void put(const auth::made::World& world) {
    for (const auto& secret : world.credential->secrets) {
      const std::string login = secret.login.empty() ? world.credential->id : secret.login;
      stored.insert_or_assign({world.credential->kind, login}, *world.credential);
    }
  }
  Responder responder() {
    return {keys, records, rules, counters,
            [this](Connected connection) { kicked.push_back(std::move(connection)); }};
  }

  std::map<std::pair<auth::Kind, std::string>, auth::Credential> stored;
  std::function<void()> at_lookup = [] {};
  std::uint64_t txn = 1;
  std::vector<auth::Login> lookups;
  std::vector<auth::Judge::Renewal> renewals;
  std::vector<Connected> kicked;

  const Keys keys = make_keys();
  CurrentRules rules;
  Counters counters;
  const Records records{
      .find = [this](auth::Kind kind, std::string_view login) { return find(kind, login); },
      .last_txn = [this] { return txn; },
      .renew = [this](const std::string& /*id*/,
                      auth::Judge::Renewal renewal) { renewals.push_back(std::move(renewal)); }};

 private:
  // Two of each, the newest first.
  static Keys make_keys() {
    Keys keys{.nats = {.key = auth::made::key(auth::Prefix::user, 71), .user_jwt = ""},
              .system = std::nullopt,
              .issuers = {},
              .xkeys = {},
              .master = auth::made::make_master_keys(),
              .callout_account = std::nullopt};
    keys.issuers.push_back(auth::made::key(auth::Prefix::account, 2));
    keys.issuers.push_back(auth::made::key(auth::Prefix::account, 12));
    keys.xkeys.push_back(xkey(61));
    keys.xkeys.push_back(xkey(62));
    return keys;
  }
  store::Found find(auth::Kind kind, std::string_view login) {
    at_lookup();
    const std::lock_guard lock{mutex_};
    lookups.push_back({kind, std::string(login)});
    const auto found = stored.find({kind, std::string(login)});
    if (found == stored.end()) return {std::nullopt, txn};
    return {found->second, txn};
  }

  std::mutex mutex_;
};

}  // namespace gateway::made
