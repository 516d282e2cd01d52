#include "tests/support/make_gateway.h"

#include "gateway/platform/random.h"

namespace gateway::made {

auth::KeyPair xkey(std::uint8_t fill) {
  return auth::made::key(auth::Prefix::curve, fill);
}

auth::KeyPair server_xkey() {
  return xkey(4);
}

std::string request_jwt(const Json& connect, const auth::KeyPair& issuer,
                        std::chrono::seconds timeout) {
  const auto now =
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch();
  Json claims = auth::made::with("/nats/connect_opts", connect);
  claims["iat"] = now.count();
  claims["exp"] = (now + timeout).count();
  claims["sub"] = auth::made::text(issuer);
  return auth::made::sign(claims);
}

Sent sealed(const std::string& jwt, const auth::KeyPair& to) {
  const auto shared = auth::SharedKey::between(server_xkey(), to.public_key());
  return {.data = shared->seal(jwt, random_bytes<auth::kSealNonceBytes>())};
}

Json opened(const std::string& answer, const auth::KeyPair& by) {
  const auto plain =
      auth::SharedKey::between(server_xkey(), by.public_key()).value().open(answer).value();
  return auth::read_json_object(auth::read_jwt(plain.view()).value().claims.view()).value();
}

Gateway::Gateway() {
  set_policy(auth::made::with_key().policy);
}

void Gateway::set_policy(const auth::Policy& policy) {
  rules.store(std::make_shared<const Rules>(
      Rules{auth::Judge{policy, keys.master, auth::made::zone}, std::chrono::seconds{30}}));
}

void Gateway::put(const auth::made::World& world) {
  for (const auto& secret : world.credential->secrets) {
    const std::string login = secret.login.empty() ? world.credential->id : secret.login;
    stored.insert_or_assign({world.credential->kind, login}, *world.credential);
  }
}

Decider Gateway::decider() {
  return {
      keys,
      source,
      rules,
      {counters, server_timeout},
      {.opened =
           [this](const Session& connection, std::uint32_t most) {
             opened.push_back(connection);
             return most == 0 || opened.size() <= most;
           },
       .consume = [this](const auth::SigEvidence& evidence) -> std::optional<auth::Deny> {
         const bool fresh = spent.insert(evidence.signature).second;
         return fresh ? std::nullopt : std::optional{auth::Deny::replayed};
       },
       .guessed = [this](const Guess& guess, bool proved) { guesses.emplace_back(guess, proved); },
       .close = [this](Session connection) { kicked.push_back(std::move(connection)); },
       .decided = [](const DecisionEvent&) {},
       .probed = [this](std::optional<auth::Deny> denial) { probed.push_back(denial); }}};
}

Keys Gateway::make_keys() {
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

store::Found Gateway::find(auth::Kind kind, std::string_view login) {
  at_lookup();
  const std::lock_guard lock{mutex_};
  lookups.push_back({kind, std::string(login)});
  const auto found = stored.find({kind, std::string(login)});
  if (found == stored.end()) return {std::nullopt, txn};
  return {found->second, txn};
}

}  // namespace gateway::made
