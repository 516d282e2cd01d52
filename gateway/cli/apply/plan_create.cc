// The lines of new credentials.

#include <set>
#include <utility>

#include "auth/credential/password_hash.h"
#include "auth/nats/nkey.h"
#include "gateway/cli/apply/plan.h"
#include "gateway/platform/random.h"
#include "store/table_keys.h"

namespace gateway::cli {

using auth::Credential;
using auth::Invalid;

std::optional<Invalid> Planner::plan_create(const std::string& where, RecordLine record) {
  GivenProof& proof = record.proof;
  const bool given = !proof.password.empty() || !proof.password_hash.empty() ||
                     !proof.token.empty() || !proof.public_key.empty() ||
                     !proof.fingerprint.empty();
  const bool makes_secret = !given && !has_whole_secrets(record.line.credential);
  if (given) {
    if (auto wrong = put_given_proof(record, rules_)) return wrong;
  }
  if (makes_secret) {
    if (auto wrong = prepare_secret(record)) return wrong;
  }
  auto line = check_import(std::move(record.line), rules_);
  if (!line) return line.error();
  Credential& c = line->credential;
  if (auto wrong = check_update(c, c)) return wrong;
  if (auto wrong = check_logins(where, *line)) return wrong;
  if (const auto refused = roles_.check_new(c)) return Invalid{"", refused->message};
  nlohmann::ordered_json fields = fields_of(nullptr, c);
  add_step({.kind = StepKind::create,
            .where = where,
            .after = std::move(*line),
            .makes_secret = makes_secret,
            .fields = std::move(fields)});
  return std::nullopt;
}

// One that nobody can use stands for the secret until it is made.
std::optional<Invalid> Planner::prepare_secret(RecordLine& record) const {
  Credential& c = record.line.credential;
  if (c.kind == auth::Kind::cert)
    return Invalid{"fingerprint", "is missing: only its owner can make a certificate"};
  if (c.kind == auth::Kind::creds && context_.keys == nullptr)
    return Invalid{"kind", "creds: the signing keys are not available to this user"};
  std::string login = record.proof.login;
  if (!login.empty() && c.kind != auth::Kind::password)
    return Invalid{"login", "is only for a password"};
  if (login.empty() && !c.secrets.empty()) login = c.secrets.back().login;
  if (login.empty()) login = c.name;
  if (c.id.empty()) c.id = rules_.make_id();
  auth::StoredSecret secret{.scheme = auth::Scheme::blake2b, .created_at = context_.now};
  switch (c.kind) {
    case auth::Kind::password:
      secret.scheme = auth::Scheme::argon2id;
      secret.login = login;
      secret.password_hash = auth::decoy_password_hash({});
      break;
    case auth::Kind::nkey:
    case auth::Kind::creds: {
      const auth::KeyPair pair{auth::Prefix::user, random_bytes<32>()};
      secret.scheme = auth::Scheme::public_key;
      secret.login = write_public_key(pair.public_key());
      break;
    }
    case auth::Kind::key:
    case auth::Kind::token:
    case auth::Kind::cert:
      secret.key_id = context_.master.current().key_id();
      secret.hash = auth::Hash32{};
  }
  c.secrets = {std::move(secret)};
  return std::nullopt;
}

std::optional<Invalid> Planner::check_logins(const std::string& where, const ImportLine& line) {
  const Credential& c = line.credential;
  for (const std::string& login : line.older_logins) {
    if (context_.store.find(c.kind, login).credential)
      return Invalid{"token", "belongs or belonged to another credential"};
  }
  // During a rotation a password's two secrets have one login.
  std::set<std::string> logins;
  for (const auto& secret : c.secrets) {
    if (!secret.login.empty()) logins.insert(store::login_key(c.kind, secret.login));
  }
  for (const std::string& login : logins) {
    const auto [at, is_new] = taken_.try_emplace("l" + login, where);
    if (!is_new) return Invalid{"login", "is also that of " + at->second};
  }
  return std::nullopt;
}

}  // namespace gateway::cli
