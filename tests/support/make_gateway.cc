#include "tests/support/make_gateway.h"

#include <stdexcept>

#include "gateway/platform/clock.h"
#include "gateway/platform/random.h"

namespace gateway::made {

auth::KeyPair xkey(std::uint8_t fill) {
  return auth::made::key(auth::Prefix::curve, fill);
}

auth::KeyPair server_xkey() {
  return xkey(4);
}

std::string request_jwt(const Json& connect, const auth::KeyPair& issuer,
                        std::chrono::seconds timeout, const std::string& nonce) {
  const auto now =
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch();
  Json claims = auth::made::with("/nats/connect_opts", connect);
  if (!nonce.empty()) claims["nats"]["client_info"]["nonce"] = nonce;
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

const PasswordConfig Gateway::kPasswords{.cost = auth::made::kCheap, .threads = 1, .queue = 8};

Gateway::Gateway() {
  set_policy(auth::made::with_key().policy);
  auto made = std::make_shared<Config>();
  made->accounts = {"APP"};
  config.store(std::move(made));
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

RequestTask Gateway::task(const Sent& sent) const {
  auto task = CalloutCodec{keys, rules}.read(sent.message(), now_in_seconds());
  if (!task) throw std::logic_error("the request was dropped");
  return std::move(*task);
}

std::unique_ptr<Pipeline> Gateway::pipeline(const PasswordConfig& passwords) {
  return std::make_unique<Pipeline>(PipelineDeps{.keys = keys,
                                                 .rules = rules,
                                                 .decider = decider,
                                                 .hooks = hooks,
                                                 .throttle = throttle,
                                                 .missed = missed,
                                                 .sink = sink,
                                                 .readiness = readiness,
                                                 .server_timeout = server_timeout,
                                                 .counters = counters,
                                                 .stalls = stalls,
                                                 .filter = filter},
                                    passwords,
                                    [this](const ReplyTo& to, const std::string& answer) {
                                      published_.lock()->push_back({to.subject, answer});
                                      at_reply();
                                    });
}

std::optional<std::string> Gateway::answer(const Sent& sent) {
  const std::size_t before = published().size();
  const auto through = pipeline();
  CalloutCodec codec = through->make_codec();
  through->take(sent.message(), codec, [this](const ReplyTo& to, const std::string& answer) {
    published_.lock()->push_back({to.subject, answer});
    at_reply();
  });
  through->drain();
  const auto all = published();
  if (all.size() > before + 1) throw std::logic_error("a request was answered twice");
  if (all.size() == before) return std::nullopt;
  if (all.back().subject != sent.reply) throw std::logic_error("answered to another subject");
  return all.back().answer;
}

std::vector<Published> Gateway::published() const {
  return *published_.lock();
}

std::vector<std::string> Gateway::answered() const {
  std::vector<std::string> list;
  for (const Published& one : published())
    list.push_back(one.subject.substr(std::string("$SYS._INBOX.").size()));
  return list;
}

std::uint64_t Gateway::denied(auth::Deny why) const {
  return Counters::sum(counters.denied_for.at(static_cast<std::size_t>(why)));
}

std::deque<DecisionEvent> Gateway::events() {
  std::stop_source stop;
  stop.request_stop();
  return sink.take(stop.get_token());
}

DecisionHooks Gateway::make_hooks() {
  return {
      .admit_session =
          [this](const Session& session, std::uint32_t most) {
            const std::lock_guard lock{mutex_};
            opened.push_back(session);
            return most == 0 || opened.size() <= most;
          },
      .note_grant = [this](const Session& session,
                           const std::string& probed) { grants.add(session, probed); },
      .close_session = [this](Session session) { kicked.push_back(std::move(session)); },
      .consume_signature = [this](const auth::SigEvidence& evidence,
                                  const auth::PublicKey& /*asker*/) -> std::optional<auth::Deny> {
        const bool fresh = spent.insert(evidence.signature).second;
        return fresh ? std::nullopt : std::optional{auth::Deny::replayed};
      },
      .rehash =
          [this](const std::string& /*id*/, auth::Judge::Rehash rehash) {
            const std::lock_guard lock{mutex_};
            rehashes.push_back(std::move(rehash));
          }};
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
  return {found->second, txn, roles};
}

}  // namespace gateway::made
